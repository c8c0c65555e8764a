import { dirname } from 'node:path';

/** Directory of the program's package: the parent of `cli/`, and of `dist/` where the bundle lies. */
export const packageRoot: string = dirname(import.meta.dirname);
