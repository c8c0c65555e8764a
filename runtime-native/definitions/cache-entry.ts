import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The directory of a name in the cache; `fill` makes its content at the first time. It appears whole or not at all, also when
 * two commands make it at once.
 */
export async function cacheEntry(cache: string, name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const entry = join(cache, name);
  if (existsSync(entry)) return entry;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(cache, '.new-'));
  try {
    const content = join(staging, name);
    await fill(content);
    await rename(content, entry).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(entry)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return entry;
}
