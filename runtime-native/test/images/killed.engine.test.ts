// timeout: 300s
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTar } from './tar-writer.ts';
import { helper, openTestStore, type TestStore } from './test-store.ts';

/** Runs one call of the store in a process of its own, which can be killed. */
function startCall(fixture: TestStore, call: string): ChildProcess {
  const script = `
    import { openDatabase } from '#runtime/host/database.ts';
    import { statePaths } from '#runtime/host/paths.ts';
    import { openImageStore } from '#runtime/images/open-image-store.ts';
    const paths = statePaths(process.env);
    const store = openImageStore({ database: openDatabase(paths.database), paths, helper: ${JSON.stringify(helper)} });
    await ${call};
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, ...fixture.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Kills the call as soon as `isDue`; a call that was faster has ended, which is fine too. */
async function killWhen(child: ChildProcess, isDue: () => boolean): Promise<void> {
  const ended = once(child, 'exit');
  while (child.exitCode === null && child.signalCode === null && !isDue()) await sleep(1);
  child.kill('SIGKILL');
  await ended;
}

const entries = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path).map(String) : []);

/** What is below `tmp`; it changes while it is read. */
function workspaceEntries(fixture: TestStore): number {
  try {
    return readdirSync(fixture.paths.temporary, { recursive: true }).length;
  } catch {
    return 0;
  }
}

/** Every layer and blob has a row, every row its files, nothing is half-made. */
function assertConsistent(fixture: TestStore): void {
  const values = (query: string) =>
    fixture.database
      .prepare(query)
      .all()
      .map((row) => String(row['v']))
      .sort();
  assert.equal(entries(fixture.paths.layers).toSorted(), values('SELECT directory AS v FROM layers'));
  assert.equal(
    entries(fixture.paths.blobs).toSorted(),
    values(
      'SELECT substr(id, 8) AS v FROM images UNION SELECT substr(digest, 8) FROM images UNION SELECT substr(blob, 8) FROM image_layers',
    ),
  );
  assert.equal(entries(fixture.paths.temporary), []);
}

/** An archive of several images that share a layer, big enough to be caught in the middle. */
async function makeArchive(path: string): Promise<void> {
  await using maker = openTestStore();
  for (const name of ['one', 'two', 'three']) {
    const source = join(maker.root, `${name}.tar`);
    const files = Array.from({ length: 300 }, (_, index) => ({
      name: `${name}/${index}`,
      content: `${name}${index}`.repeat(500),
    }));
    writeFileSync(source, gzipSync(writeTar(files)));
    await maker.store.import({ source, reference: `${name}:1`, changes: [] });
  }
  const output = createWriteStream(path);
  await maker.store.save({ references: ['one', 'two', 'three'], format: 'oci', output });
  output.end();
  await finished(output);
}

test('a load that is killed at any moment leaves nothing that the next one does not repair', async () => {
  await using fixture = openTestStore();
  const archive = join(fixture.root, 'archive.tar');
  await makeArchive(archive);
  const moments = [
    () => workspaceEntries(fixture) > 0,
    () => workspaceEntries(fixture) > 20,
    () => workspaceEntries(fixture) > 500,
    () => entries(fixture.paths.layers).length > 0,
    () => entries(fixture.paths.layers).length > 1,
    () => entries(fixture.paths.blobs).length > 3,
  ];
  for (const isDue of moments) {
    await killWhen(startCall(fixture, `store.load(${JSON.stringify(archive)}, () => {})`), isDue);
    const found = fixture.store.list().length;
    assert.ok(found === 0 || found === 3, `all images or none, not ${found}`);
  }
  const images = await fixture.store.load(archive, () => {});
  assert.is(images.length, 3);
  assertConsistent(fixture);
});

test('a removal that is killed at any moment is finished by the next command', async () => {
  await using fixture = openTestStore();
  const archive = join(fixture.root, 'archive.tar');
  await makeArchive(archive);
  const moments = [
    () => workspaceEntries(fixture) > 0,
    () => entries(fixture.paths.layers).length < 3,
    () => entries(fixture.paths.blobs).length < 9,
    () => entries(fixture.paths.layers).length < 3 && workspaceEntries(fixture) < 200,
  ];
  for (const isDue of moments) {
    await fixture.store.load(archive, () => {});
    await killWhen(startCall(fixture, "store.remove('two:1', {})"), isDue);
    const before = fixture.store.inspect('two:1');
    for (const directory of before === undefined ? [] : fixture.store.lowerDirectories(before.id)) {
      assert.ok(existsSync(directory), 'an image that is listed is whole');
    }
    await fixture.store.prune({ all: false, labels: [], withoutLabels: [] });
    assertConsistent(fixture);
    assert.ok(fixture.store.inspect('one:1') && fixture.store.inspect('three:1'));
  }
});

test.run();
