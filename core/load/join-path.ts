import { join } from 'node:path';

/** Joins and cleans paths without leaving a final slash (Go's `filepath.Join`). */
export function joinPath(base: string, path: string): string {
  const joined = join(base, path);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

/** Cleans a path (Go's `path.Clean`). */
export function cleanPath(path: string): string {
  return path === '' ? '' : joinPath(path, '');
}
