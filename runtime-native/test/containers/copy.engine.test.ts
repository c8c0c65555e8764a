// timeout: 400s
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { FileRoot } from '#core/engine/files.ts';
import { type EngineFixture, engineFixture } from '../engine-fixture.ts';

/** The text that an archive of one small file carries. */
async function archiveOf(engine: Engine, root: FileRoot, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await engine.archivePath(root, { path, as: 'copy' }, sink);
  return Buffer.concat(chunks);
}

async function withFixture(run: (fixture: EngineFixture, directory: string) => Promise<void>): Promise<void> {
  await using fixture = await engineFixture();
  const directory = mkdtempSync('/tmp/tsc-copy-');
  try {
    await run(fixture, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('files go in and out with their kinds, modes and owners, while the container runs and when it does not', () =>
  withFixture(async ({ engine, create, exec }, directory) => {
    const id = await create('box', { command: ['sleep', '1000'], stop_grace_period: '0s' });
    const inside: FileRoot = { container: id };
    await engine.startContainer(id);
    await exec(
      id,
      'mkdir -p /d/sub; echo text > /d/file; chown 7:8 /d/file; chmod 4750 /d/file; ln -s file /d/link; ln /d/file /d/hard; mkfifo /d/pipe',
    );
    const host: FileRoot = { host: true };
    for (const state of ['running', 'stopped']) {
      if (state === 'stopped') await engine.stopContainer(id, {});
      const archive = await archiveOf(engine, inside, '/d');
      await engine.extractArchive(host, { directory }, Readable.from([archive]));
      assert.equal(readdirSync(join(directory, 'copy')).sort(), ['file', 'hard', 'link', 'pipe', 'sub'], state);
      assert.is(readFileSync(join(directory, 'copy/link'), 'utf8'), 'text\n');
      mkdirSync(join(directory, 'in', state), { recursive: true });
      writeFileSync(join(directory, 'in', state, 'new'), state);
      const back = await archiveOf(engine, host, join(directory, 'in', state));
      await engine.extractArchive(inside, { directory: '/', owner: { uid: 3, gid: 4 } }, Readable.from([back]));
      assert.equal(await engine.statPath(inside, '/copy/new'), { type: 'file' });
      rmSync(join(directory, 'copy'), { recursive: true });
    }
    await engine.startContainer(id);
    const { output } = await exec(id, 'cat /copy/new; stat -c %u:%g /copy/new; stat -c "%a %u:%g" /d/file');
    assert.is(output, 'stopped3:4\n4750 7:8\n');
  }));

test('links are resolved inside the container, magic ones never, and kinds are not changed', () =>
  withFixture(async ({ engine, create, exec }, directory) => {
    const id = await create('box', { command: ['sleep', '1000'], stop_grace_period: '0s' });
    const inside: FileRoot = { container: id };
    await engine.startContainer(id);
    await exec(
      id,
      `mkdir -p /real ${directory}; echo inner > ${directory}/secret; ln -s ${directory} /out; ln -s ../../../../real /up; mkdir /taken`,
    );
    writeFileSync(join(directory, 'secret'), 'of the host');
    assert.match((await archiveOf(engine, inside, '/out/secret')).toString('latin1'), /inner/);
    assert.equal(await engine.statPath(inside, '/out'), { type: 'link', target: directory });
    const file = await archiveOf(engine, { host: true }, join(directory, 'secret'));
    for (const target of ['/out', '/up']) await engine.extractArchive(inside, { directory: target }, Readable.from([file]));
    assert.is((await exec(id, `cat ${directory}/copy /real/copy`)).output, 'of the hostof the host');
    assert.not.ok(existsSync(join(directory, 'copy')));
    for (const path of ['/proc/self/root/etc/passwd', '/proc/1/cwd/etc/passwd']) {
      assert.is(await engine.statPath(inside, path), undefined, path);
    }
    await exec(id, 'mkdir /taken/copy');
    const failure = await engine
      .extractArchive(inside, { directory: '/taken' }, Readable.from([file]))
      .catch((error: unknown) => error);
    assert.ok(hasCode(failure, 'engine.copy-failed'));
    assert.match((failure as Error).message, /cannot overwrite directory "\/taken\/copy"/);
  }));

test('CVE-2018-15664: a directory that becomes a link while it is used leads nowhere on the host', () =>
  withFixture(async ({ engine, create, exec, logs }, directory) => {
    const victim = join(directory, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'secret'), 'HOST SECRET');
    const swap = `mkdir -p /race/x; echo inner > /race/x/secret; echo ready; cd /race
      while :; do mv x y; ln -s ${victim} x; rm x; ln -s /proc/1/root${victim} x; rm x; mv y x; done`;
    const id = await create('box', { command: ['sh', '-c', swap], stop_grace_period: '0s' });
    const inside: FileRoot = { container: id };
    await engine.startContainer(id);
    for (let tries = 0; !(await logs(id)).includes('ready'); tries++) {
      if (tries > 1000) throw new Error('the container does not begin');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writeFileSync(join(directory, 'planted'), 'planted');
    const file = await archiveOf(engine, { host: true }, join(directory, 'planted'));
    const outcomes = { in: 0, out: 0, refused: 0 };
    for (let round = 0; round < 60; round++) {
      await engine.extractArchive(inside, { directory: '/race/x' }, Readable.from([file])).then(
        () => outcomes.in++,
        () => outcomes.refused++,
      );
      const read = await archiveOf(engine, inside, '/race/x/secret').catch(() => undefined);
      if (read === undefined) outcomes.refused++;
      else {
        outcomes.out++;
        assert.not.match(read.toString('latin1'), /HOST SECRET/);
      }
    }
    assert.equal(readdirSync(victim), ['secret']);
    assert.ok(outcomes.in + outcomes.out > 0, JSON.stringify(outcomes));
    await exec(id, 'true');
  }));

test('the machine is read and written on whatever file system a path is', () =>
  withFixture(async ({ engine }, directory) => {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', directory]);
    try {
      writeFileSync(join(directory, 'file'), 'elsewhere');
      const archive = await archiveOf(engine, { host: true }, join(directory, 'file'));
      assert.match(archive.toString('latin1'), 'elsewhere');
      mkdirSync(join(directory, 'into'));
      await engine.extractArchive({ host: true }, { directory: join(directory, 'into') }, Readable.from([archive]));
      assert.is(readFileSync(join(directory, 'into/copy'), 'utf8'), 'elsewhere');
    } finally {
      execFileSync('umount', [directory]);
    }
  }));

test('volumes and binds of a container that does not run are part of it', () =>
  withFixture(async ({ engine, create }, directory) => {
    await engine.createVolume({ name: 'data', project: 'test', driver: 'local', driverOpts: {}, labels: {} });
    symlinkSync('/etc', join(directory, 'link'));
    const id = await create(
      'box',
      { command: ['sh', '-c', 'echo kept > /data/file; echo bound > /bound/file'] },
      {
        mounts: [
          { type: 'volume', volume: 'data', target: '/data', readOnly: false, noCopy: false },
          { type: 'bind', source: directory, target: '/bound', readOnly: false, createHostPath: false },
        ],
      },
    );
    const inside: FileRoot = { container: id };
    await engine.startContainer(id);
    await engine.awaitContainer(id, 'exited');
    assert.match((await archiveOf(engine, inside, '/data/file')).toString('latin1'), /kept/);
    assert.match((await archiveOf(engine, inside, '/bound/file')).toString('latin1'), /bound/);
    // A link in a bind leads to the container's own /etc.
    const file = await archiveOf(engine, { host: true }, join(directory, 'file'));
    await engine.extractArchive(inside, { directory: '/bound/link' }, Readable.from([file]));
    assert.not.ok(existsSync('/etc/copy'));
    assert.equal(await engine.statPath(inside, '/etc/copy'), { type: 'file' });
  }));

test.run();
