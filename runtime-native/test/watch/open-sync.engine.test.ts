// timeout: 300s
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { MountSpec } from '#core/engine/specs.ts';
import type { SyncRequest, SyncSession } from '#core/engine/sync.ts';
import type { Service } from '#core/model/project.ts';
import { type EngineFixture, engineFixture } from '../engine-fixture.ts';

interface Place {
  readonly fixture: EngineFixture;
  readonly id: string;
  /** Host directory whose files are copied. */
  readonly source: string;
  readonly session: SyncSession;
  /** Output of a shell command in the container. */
  inside(command: string): Promise<string>;
  /** Copies paths below the source to the same below a directory of the container; the letters of what was done. */
  copy(target: string, ...paths: readonly string[]): Promise<string>;
}

/** A running container and a session into it. */
async function withContainer(
  service: Partial<Service>,
  options: { readonly mounts?: readonly MountSpec[]; readonly ignore?: readonly string[]; readonly isPartial?: boolean },
  body: (place: Place) => Promise<void>,
): Promise<void> {
  await using fixture = await engineFixture();
  const source = mkdtempSync(join(tmpdir(), 'tsc-sync-'));
  try {
    const command = ['sh', '-c', 'exec sleep 1000'];
    const id = await fixture.create('web', { command, ...service }, { mounts: options.mounts ?? [] });
    await fixture.engine.startContainer(id);
    const rules = [
      { path: source, ignore: [{ base: source, patterns: options.ignore ?? [] }], isPartial: options.isPartial ?? false },
    ];
    await using session = await fixture.engine.openSync(id, { rules });
    const request = (target: string, path: string): SyncRequest => ({
      source: path === '' ? source : join(source, path),
      target: path === '' ? target : `${target}/${path}`,
      rule: 0,
      isRoot: path === '',
    });
    await body({
      ...{ fixture, id, source, session },
      inside: async (script) => (await fixture.exec(id, script)).output,
      copy: async (target, ...paths) =>
        (await session.sync(paths.map((path) => request(target, path))))
          .map((one) => (one.done === 'failed' ? `failed ${one.reason}` : one.done))
          .join(', '),
    });
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

test("copies what differs and nothing else: content, permissions, time, links, directories, for the service's user", () =>
  withContainer({ user: 'app', read_only: true, tmpfs: ['/app'] }, {}, async ({ source, copy, inside }) => {
    mkdirSync(join(source, 'd'), { mode: 0o750 });
    writeFileSync(join(source, 'd/f'), 'text');
    chmodSync(join(source, 'd/f'), 0o4640);
    utimesSync(join(source, 'd/f'), 1_000, 1_000_000);
    symlinkSync('f', join(source, 'd/l'));
    assert.is(await copy('/app', '', 'd', 'd/f', 'd/l'), 'same, directory, written, link');
    assert.match(
      await inside('cd /app; stat -c "%n %u:%g %a" d; stat -c "%n %u:%g %a %Y" d/f; readlink d/l; cat d/l'),
      /^d 1000:1000 750\nd\/f 1000:1000 640 1000000\nf\ntext$/,
    );
    assert.is(await copy('/app', '', 'd', 'd/f', 'd/l'), 'same, same, same, same');
    chmodSync(join(source, 'd/f'), 0o600);
    assert.is(await copy('/app', 'd/f'), 'attributes');
    rmSync(join(source, 'd'), { recursive: true });
    assert.is(await copy('/app', 'd', 'd/f'), 'removed, same');
    assert.is(await inside('ls -A /app'), '');
    writeFileSync(join(source, 'x'), 'x');
    assert.is(await copy('/etc', 'x'), 'failed read-only');
  }));

test('one kind takes the place of another', () =>
  withContainer({}, {}, async ({ source, copy, inside }) => {
    writeFileSync(join(source, 'x'), 'file');
    assert.is(await copy('/app', 'x'), 'written');
    rmSync(join(source, 'x'));
    mkdirSync(join(source, 'x'));
    writeFileSync(join(source, 'x/y'), 'below');
    assert.is(await copy('/app', 'x', 'x/y'), 'directory, written');
    rmSync(join(source, 'x'), { recursive: true });
    symlinkSync('/etc', join(source, 'x'));
    assert.is(await copy('/app', 'x'), 'link');
    rmSync(join(source, 'x'));
    mkdirSync(join(source, 'x'));
    assert.is(await copy('/app', 'x'), 'directory');
    assert.is(await inside('test -d /app/x && ! test -L /app/x && ls -A /app/x'), '');
  }));

test('links of the container lead nowhere outside of it', () =>
  withContainer({}, {}, async ({ source, copy, inside }) => {
    // A directory that exists on the host under the same name must not be reached.
    const climb = `/app/evil -> ${'../'.repeat(12)}${source.slice(1)}`;
    await inside(
      `mkdir /app; ln -s ${'../'.repeat(12)}${source.slice(1)}/out /app/relative; ln -s ${source}/out /app/absolute; ln -s /proc/1/root /app/magic`,
    );
    mkdirSync(join(source, 'out'));
    writeFileSync(join(source, 'file'), climb);
    for (const link of ['relative', 'absolute']) {
      await inside(`mkdir -p ${source}/out`);
      assert.is(await copy(`/app/${link}`, 'file'), 'written', link);
      assert.match(await inside(`cat ${source}/out/file; rm ${source}/out/file`), /evil/);
    }
    assert.match(await copy('/app/magic', 'file'), /^failed/);
    assert.not.ok(existsSync(join(source, 'out/file')));
  }));

test('nothing below a link of the host is copied: what was there belonged to the directory before it', () =>
  withContainer({}, {}, async ({ source, copy, inside }) => {
    const before = await inside('cat /etc/passwd');
    symlinkSync('/etc', join(source, 'd'));
    assert.is(await copy('/app', 'd', 'd/passwd', 'd/hostname'), 'link, same, same');
    assert.is(await inside('readlink /app/d; cat /etc/passwd'), `/etc\n${before}`);
  }));

test('a rule with include leaves a directory that is its target alone when the source goes', () =>
  withContainer({}, { isPartial: true }, async ({ source, copy, inside }) => {
    await inside('mkdir /app; echo 1 > /app/own');
    writeFileSync(join(source, 'f'), 'text');
    assert.is(await copy('/app', 'f'), 'written');
    rmSync(source, { recursive: true });
    assert.is(await copy('/app', '', 'f'), 'same, removed');
    assert.is(await inside('ls -A /app'), 'own\n');
  }));

test('holes stay holes', () =>
  withContainer({ tmpfs: ['/app:size=16m'] }, {}, async ({ source, copy, inside }) => {
    const path = join(source, 'disk');
    writeFileSync(path, 'begin');
    truncateSync(path, 2 ** 31);
    appendFileSync(path, 'end');
    assert.is(await copy('/app', 'disk'), 'written');
    assert.is(await inside('stat -c %s /app/disk; tail -c 4 /app/disk | tr "\\0" 0'), `${2 ** 31 + 3}\n0end`);
    truncateSync(path, 2 ** 32);
    assert.is(await copy('/app', 'disk'), 'written');
    assert.is(await inside('stat -c %s /app/disk'), `${2 ** 32}\n`);
  }));

test('a source that becomes something else while it is looked at is looked at again', () =>
  withContainer({}, {}, async ({ source, copy }) => {
    const script = 'while :; do echo a > x; rm x; mkdir x; rmdir x; ln -s a x; rm x; done';
    const changer = spawn('sh', ['-c', script], { cwd: source, stdio: 'ignore', timeout: 60_000 });
    try {
      for (let index = 0; index < 200; index++) {
        const done = await copy('/app', ...Array<string>(10).fill('x'));
        assert.not.match(done, /failed/);
      }
    } finally {
      changer.kill('SIGKILL');
      await once(changer, 'close');
    }
  }));

test('what is ignored and what is mounted stays when its directory goes; a file that is a mount is written in place', () =>
  withContainer({ tmpfs: ['/app/d/mounted'] }, { ignore: ['**/kept'] }, async ({ source, copy, inside }) => {
    await inside(
      'mkdir -p /app/d/e; echo 1 > /app/d/kept; echo 1 > /app/d/e/kept; echo 1 > /app/d/e/gone; echo 1 > /app/d/mounted/x',
    );
    assert.is(await copy('/app', 'd'), 'removed');
    assert.is(await inside('cd /app; find . -type f | sort'), './d/e/kept\n./d/kept\n./d/mounted/x\n');
    writeFileSync(join(source, 'hosts'), '127.0.0.1 written\n');
    assert.is(await copy('/etc', 'hosts'), 'written');
    assert.is(await inside('cat /etc/hosts'), '127.0.0.1 written\n');
  }));

test('a full file system keeps the old file', () =>
  withContainer({ tmpfs: ['/app:size=65536'] }, {}, async ({ source, copy, inside }) => {
    writeFileSync(join(source, 'f'), 'old');
    assert.is(await copy('/app', 'f'), 'written');
    writeFileSync(join(source, 'f'), 'x'.repeat(100_000));
    assert.is(await copy('/app', 'f'), 'failed no-space');
    assert.is(await inside('cat /app/f; ls -A /app'), 'oldf\n');
  }));

test('text stays in its file, which programs may be watching; anything else, and what runs, is replaced', () =>
  withContainer({}, {}, async ({ source, copy, inside }) => {
    const inode = async (): Promise<string> => (await inside('stat -c %i /app/f')).trim();
    const save = async (content: string | Buffer): Promise<string> => {
      writeFileSync(join(source, 'f'), content);
      assert.is(await copy('/app', 'f'), 'written');
      assert.is(await inside('md5sum < /app/f'), `${createHash('md5').update(content).digest('hex')}  -\n`);
      return inode();
    };
    const first = await save('a text');
    assert.is(await save('a longer text'), first);
    assert.is(await save('short'), first);
    assert.is(await save(''), first);
    const binary = await save(Buffer.from('a\0b'));
    assert.is.not(binary, first);
    const large = await save('x'.repeat(2 ** 20));
    assert.is.not(large, binary);
    await inside('ln /app/f /app/other');
    assert.is.not(await save('linked'), large);
    assert.is(await inside('wc -c < /app/other'), `${2 ** 20}\n`);
    await inside('cp /bin/busybox /app/sleep; chmod 755 /app/sleep; /app/sleep 1000 > /dev/null 2>&1 &');
    writeFileSync(join(source, 'sleep'), 'text');
    assert.is(await copy('/app', 'sleep'), 'written');
    assert.is(await inside('cat /app/sleep'), 'text');
  }));

test('the session ends with the container, and lets go of it', () =>
  withContainer({}, {}, async ({ fixture, id, session, source }) => {
    await fixture.engine.stopContainer(id, { timeoutMs: 0 });
    await session.ended;
    const error = await session.sync([{ source: join(source, 'x'), target: '/x', rule: 0, isRoot: true }]).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(hasCode(error, 'engine.container-not-running'));
    await fixture.engine.startContainer(id);
    await using again = await fixture.engine.openSync(id, { rules: [{ path: '/etc', ignore: [], isPartial: false }] });
    const [first] = await again.sync([{ source: '/etc/passwd', target: '/copied', rule: 0, isRoot: true }]);
    assert.is(first?.done, 'written');
  }));

test.run();
