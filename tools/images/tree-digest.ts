import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Digest of what is below a directory: paths, kinds, modes and contents, not times. */
export async function treeDigest(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const paths = await readdir(directory, { recursive: true });
  for (const path of paths.sort()) {
    const file = join(directory, path);
    const status = await lstat(file);
    hash.update(JSON.stringify([path, status.mode]));
    if (status.isSymbolicLink()) hash.update(await readlink(file));
    else if (status.isFile()) hash.update(await readFile(file));
  }
  return hash.digest('hex');
}
