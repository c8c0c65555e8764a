// timeout: 480s
// TSCOMPOSE_EDIT_SEQUENCES=1000 runs more of them (run the file itself, which has no time limit then); TSCOMPOSE_EDIT_SEED repeats a run.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually, expect, scenario, type World } from '../scenario.ts';
import { patienceMs, rootOf } from '../watch/container-files.ts';
import { randomEdits, randomFrom } from '../watch/random-edits.ts';
import { type TreeReader, treeDifference, treeReader } from '../watch/tree-text.ts';

const { TSCOMPOSE_EDIT_SEQUENCES: asked, TSCOMPOSE_EDIT_SEED: given } = process.env;
const sequences = Number(asked ?? 16);
/** The usual run is always the same one; a long one is new each time. */
const seed = Number(given ?? (asked === undefined ? 1 : Date.now() % 1_000_000));

/** A new container in the middle of every so many sequences. */
const recreateEvery = 8;

scenario(`after ${sequences} random edit sequences container and host are equal (seed ${seed})`)
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  web:
    image: tscompose/busybox:1
    command: [sleep, "10000"]
    stop_signal: SIGKILL
    user: app
    develop: { watch: [{ path: ./src, action: sync, target: /app/src, initial_sync: true }] }
`,
    'src/a': 'first',
  })
  .start('watch', ['watch'], eventually(expect.stderr(/Watch enabled/), patienceMs))
  .act('edits', async (world) => {
    const random = randomFrom(seed);
    const reader = treeReader();
    const outside = join(world.directory, 'outside');
    mkdirSync(outside);
    for (let index = 1; index <= sequences; index++) {
      const recreation = index % recreateEvery === 0 ? world.run('up', '-d', '--force-recreate') : undefined;
      randomEdits(join(world.directory, 'src'), { random, outside, edits: 1 + Math.floor(random() * 40) });
      assert.is((await recreation)?.status ?? 0, 0);
      await becomesEqual(world, { reader, what: `sequence ${index} of seed ${seed}` });
      if (asked !== undefined && index % 100 === 0) console.error(`${index} sequences of seed ${seed} are through`);
    }
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130), expect.noOutput(/watch\.not-copied|This is a bug/))
  .test();

async function becomesEqual(
  world: World,
  { reader, what }: { readonly reader: TreeReader; readonly what: string },
): Promise<void> {
  const source = join(world.directory, 'src');
  const host = { outline: reader.outline(source), all: reader.all(source) };
  for (const end = performance.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const difference = differenceOf(host, { reader, root: `${await rootOf(world, 'web')}/app/src` });
    if (difference.length === 0) return;
    if (performance.now() > end) assert.equal(difference, [], what);
  }
}

/** Contents are read when everything else is equal. */
function differenceOf(
  host: { readonly outline: readonly string[]; readonly all: readonly string[] },
  { reader, root }: { readonly reader: TreeReader; readonly root: string },
): readonly string[] {
  try {
    const outline = treeDifference(host.outline, reader.outline(root));
    return outline.length > 0 ? outline : treeDifference(host.all, reader.all(root));
  } catch (error) {
    // Files may vanish under the reading while the watch is at work.
    return [String(error)];
  }
}

test.run();
