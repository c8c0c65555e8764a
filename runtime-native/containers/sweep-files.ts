import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineContext } from '../engine-context.ts';
import { processStartTime } from '../host/process-identity.ts';

/** A creation shows its directory a moment before its row. */
const settledMs = 60_000;

/** Removes what killed creations and removals left in the file system: nobody refers to it any more. */
export function sweepFiles({ database, paths }: EngineContext): void {
  for (const entry of entriesOf(paths.temporary)) {
    const [, writer] = /^(?:container|removed|volume)-(\d+)-/.exec(entry) ?? [];
    if (writer !== undefined && processStartTime(Number(writer)) === undefined) remove(join(paths.temporary, entry));
  }
  const directory = join(paths.root, 'containers');
  const entries = entriesOf(directory);
  if (entries.length === 0) return;
  const known = new Set(
    database
      .prepare('SELECT id FROM containers')
      .all()
      .map((row) => String(row['id'])),
  );
  for (const entry of entries.filter((one) => !known.has(one))) {
    const changed = statSync(join(directory, entry), { throwIfNoEntry: false })?.ctimeMs ?? Date.now();
    if (Date.now() - changed > settledMs) remove(join(directory, entry));
  }
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was ever made.
    return [];
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
