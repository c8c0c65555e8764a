// timeout: 600s
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '#runtime/host/database.ts';
import { instanceNames } from '#runtime/host/instance-names.ts';
import { statePaths } from '#runtime/host/paths.ts';
import { readNetworks } from '#runtime/network/stored-network.ts';
import { machineState } from '../scenario/machine-state.ts';
import { startProgram } from '../scenario/program.ts';
import { startInTerminal } from '../scenario/terminal.ts';
import { eventually, scenario, type World } from '../scenario.ts';

const stack = `services:
  a:
    build:
      dockerfile_inline: |
        FROM tscompose/busybox:1
        RUN echo a > /a
        RUN echo begun; while sleep 1; do echo more; done
`;

const patienceMs = 120_000;

/** Names of the bridges that builds have now. */
function bridges(world: World): readonly string[] {
  using database = openDatabase(statePaths({ TSCOMPOSE_ROOT: world.root }).database);
  return readNetworks(database).map(({ bridge }) => bridge);
}

/** Ends a build whose last step goes on for ever, and waits until nothing of it is left; nothing else is run meanwhile. */
async function endsWithoutTrace(world: World, end: () => Promise<void>): Promise<void> {
  const links = bridges(world);
  assert.is(links.length, 1);
  await end();
  await eventually(async () => {
    const { cgroupParent } = instanceNames(world.root);
    const all = [...(await machineState(world.root))];
    // The packet filter's table belongs to the engine, not to the build.
    const left = all.filter((one) => !one.startsWith('nft ') && (one.includes(world.root) || one.includes(`${cgroupParent}/`)));
    assert.equal(left, []);
    assert.equal(bridges(world), []);
    assert.not.ok(links.some((name) => existsSync(`/sys/class/net/${name}`)));
  }, patienceMs)(world);
}

const image = scenario('a build that is ended in mid-step leaves nothing, and its cache')
  .images('busybox')
  .project({ 'compose.yaml': stack });

for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  image.act(signal, async (world) => {
    const build = startProgram(['--progress', 'plain', 'build'], world);
    await eventually(() => assert.match(build.output().stderr, /^#\d+ \S+ begun$/m), patienceMs)(world);
    await endsWithoutTrace(world, async () => {
      build.kill(signal);
      assert.is.not((await build.finished).status, 0);
    });
  });
}

image
  .act('a terminal that is closed', async (world) => {
    const build = startInTerminal(['--progress', 'plain', 'build'], world);
    await build.see(/\d begun\r?\n/);
    await endsWithoutTrace(world, async () => {
      assert.is.not(await build.hangUp(), 0);
    });
  })
  .edit('the last step ends by itself', {
    'compose.yaml': stack.replace('while sleep 1; do echo more; done', 'true'),
  })
  .act('what the ended builds have finished comes from the cache', async (world) => {
    const { stderr, status } = await world.run('--progress', 'plain', 'build');
    assert.is(status, 0, stderr);
    assert.match(stderr, /^#\d+ \[2\/3\] RUN echo a > \/a\n#\d+ CACHED$/m);
    assert.ok(existsSync(join(world.root, 'layers')));
  })
  .test();

test.run();
