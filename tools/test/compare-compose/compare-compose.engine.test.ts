// timeout: 300s
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findProgram } from '#runtime/host/programs.ts';
import { compareSequence } from '#tools/compare-compose/compare-sequence.ts';
import { reasonOf } from '#tools/compare-compose/known-differences.ts';
import { sequences } from '#tools/compare-compose/sequences.ts';
import { openSides } from '#tools/compare-compose/sides.ts';
import { skipFile } from '#tools/testing/skip.ts';

for (const program of ['dockerd', 'docker', 'docker-compose']) if (findProgram(program) === undefined) skipFile('needs dockerd');

/** The whole table takes minutes: tools/compare-compose.ts. */
const quick = ['variables of the environment'];

test('the same commands do the same with Docker Compose 1.29, or the reason for a difference is known', async () => {
  const directory = mkdtempSync('/tmp/tscc-');
  try {
    await using sides = await openSides(directory);
    assert.ok(sides !== undefined);
    for (const sequence of sequences.filter(({ name }) => quick.includes(name))) {
      const differences = await compareSequence(sides, sequence);
      assert.equal(
        differences.filter((one) => reasonOf(one) === undefined),
        [],
        sequence.name,
      );
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('the page has every command of the table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/compose-differences.md'), 'utf8');
  for (const { name, steps } of sequences) {
    assert.ok(page.includes(`## ${name}`), name);
    for (const step of steps) assert.ok(page.includes(`| \`${step}\` |`), `${step}: run tools/compare-compose.ts`);
  }
  assert.not.match(page, /unexplained/);
});

test.run();
