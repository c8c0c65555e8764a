import { compatibilityPage } from '../generate-compatibility-page.ts';
import { errorsPage } from '../generate-errors-page.ts';
import { protocolSchema } from '../generate-protocol-schema.ts';
import type { GeneratedFile } from './check-generated.ts';

/** Everything in the repository that a program writes; `npm run check` compares, the command of each row writes. */
export const generatedFiles: readonly GeneratedFile[] = [errorsPage, compatibilityPage, protocolSchema];
