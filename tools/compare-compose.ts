import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareSequence, type Difference } from './compare-compose/compare-sequence.ts';
import { reasonOf } from './compare-compose/known-differences.ts';
import { type Compared, differencesPage } from './compare-compose/page.ts';
import { sequences } from './compare-compose/sequences.ts';
import { openSides } from './compare-compose/sides.ts';

/**
 * Runs the sequences here and with Docker Compose 1.29, against a dockerd that it starts with its own state, and writes
 * docs/compose-differences.md. Prints each difference without a known reason; the status is 1 when there are any.
 */
export async function compareCompose(options: { readonly only?: string; readonly log: (text: string) => void }): Promise<number> {
  const directory = mkdtempSync('/tmp/tscc-');
  const all: Compared[] = [];
  try {
    await using sides = await openSides(directory);
    if (sides === undefined) throw new Error('needs dockerd, docker and docker-compose');
    for (const sequence of sequences) {
      if (options.only !== undefined && !sequence.name.includes(options.only)) continue;
      const differences = await compareSequence(sides, sequence);
      all.push({ sequence, differences });
      options.log(`${sequence.name}: ${differences.length} differences`);
      for (const one of differences) if (reasonOf(one) === undefined) options.log(unexplained(one));
    }
    const page = differencesPage(sides.versions, all);
    if (options.only === undefined) writeFileSync(join(import.meta.dirname, '..', 'docs', 'compose-differences.md'), page);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return all.some(({ differences }) => differences.some((one) => reasonOf(one) === undefined)) ? 1 : 0;
}

function unexplained({ step, what, theirs, ours }: Difference): string {
  return `  ${step}: ${what}\n    there: ${JSON.stringify(theirs)}\n    here:  ${JSON.stringify(ours)}`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) process.stdout.write('Usage: bin/node tools/compare-compose.ts [--only WORDS]\n');
  else
    process.exitCode = await compareCompose({
      ...(values.only === undefined ? {} : { only: values.only }),
      log: (text) => process.stdout.write(`${text}\n`),
    });
}
