import { existsSync, rmSync } from 'node:fs';

const mostAttempts = 10_000;

/**
 * Removes a directory in which a supervisor that is about to end may remove files too: Node's own removal ends, without a word, at the
 * first file that has gone meanwhile. Absent is fine.
 */
export function removeTree(path: string): void {
  for (let attempt = 0; attempt < mostAttempts && existsSync(path); attempt++) rmSync(path, { recursive: true, force: true });
}
