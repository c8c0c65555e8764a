// timeout: 300s
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { FileEvent, WatcherNotice } from '#core/watch/file-event.ts';
import type { IgnoreSet } from '#core/watch/root.ts';
import { nativePrograms } from '#runtime/host/programs.ts';
import { watchFiles } from '#runtime/watch/watch-files.ts';

const patienceMs = 30_000;

interface Watched extends AsyncDisposable {
  readonly directory: string;
  readonly notices: readonly WatcherNotice[];
  /** Waits until everything in the list has been told, as `kind path`. */
  told(...wanted: readonly string[]): Promise<void>;
  /** All that has been told so far. */
  all(): readonly string[];
}

/** Watches `root` below a directory of its own; `prepare` fills that before. */
async function watched(
  prepare: (directory: string) => void,
  options: {
    readonly ignore?: readonly string[];
    readonly lists?: boolean;
    readonly root?: string;
  } = {},
): Promise<Watched> {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-watch-'));
  prepare(directory);
  const path = join(directory, options.root ?? 'root');
  const ignore: IgnoreSet[] = [{ base: path, patterns: options.ignore ?? [] }];
  const ending = new AbortController();
  const events: FileEvent[] = [];
  const notices: WatcherNotice[] = [];
  const reading = (async () => {
    const roots = [{ path, ignore, lists: options.lists ?? false }];
    for await (const told of watchFiles({ roots, env: process.env, signal: ending.signal })) {
      events.push(...told.events);
      notices.push(...told.notices);
    }
  })();
  const all = () => events.map((one) => `${one.kind} ${one.path}`);
  const until = async (holds: () => boolean, what: () => string): Promise<void> => {
    for (const end = performance.now() + patienceMs; !holds(); await new Promise((resolve) => setTimeout(resolve, 10)))
      if (performance.now() > end) throw new Error(what());
  };
  await until(
    () => notices.some((one) => one.type === 'ready'),
    () => 'it is not ready',
  );
  return {
    ...{ directory, notices, all },
    told: (...wanted) =>
      until(
        () => wanted.every((one) => all().includes(one)),
        () =>
          `missing: ${wanted
            .filter((one) => !all().includes(one))
            .slice(0, 5)
            .join(', ')}\ntold: ${all().slice(-40).join(', ')}`,
      ),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await reading;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

test('what is there is listed, but not what is ignored; ignored directories are not opened', async () => {
  await using watch = await watched(
    (directory) => {
      mkdirSync(join(directory, 'root/a/b'), { recursive: true });
      mkdirSync(join(directory, 'root/node_modules/deep'), { recursive: true });
      for (const name of ['a/b/f', 'a/x.log', 'node_modules/deep/f']) writeFileSync(join(directory, 'root', name), '');
      symlinkSync('/etc', join(directory, 'root/link'));
    },
    { ignore: ['node_modules', '**/*.log'], lists: true },
  );
  assert.equal([...watch.all()].sort(), ['found ', 'found a', 'found a/b', 'found a/b/f', 'found link']);
  assert.equal(watch.notices[0], { type: 'ready', directories: 3, files: 4 });
});

test('files that are written, changed, renamed and removed, in directories that come and go', async () => {
  await using watch = await watched((directory) => mkdirSync(join(directory, 'root')));
  const at = (path: string) => join(watch.directory, 'root', path);
  writeFileSync(at('f'), 'x');
  await watch.told('open f', 'written f');
  mkdirSync(at('d/e'), { recursive: true });
  writeFileSync(at('d/e/g'), 'x');
  await watch.told('written d', 'written d/e', 'written d/e/g');
  renameSync(at('d'), at('moved'));
  await watch.told('gone d', 'written moved', 'written moved/e/g');
  writeFileSync(at('moved/e/h'), '');
  chmodSync(at('f'), 0o600);
  await watch.told('written moved/e/h');
  rmSync(at('moved'), { recursive: true });
  await watch.told('gone moved/e/g', 'gone moved');
});

test('what was below a directory that is moved out, or replaced, is told one by one', async () => {
  const fill = (directory: string) => {
    mkdirSync(join(directory, 'root/d/e'), { recursive: true });
    mkdirSync(join(directory, 'root/f'));
    for (const name of ['d/x', 'd/e/y', 'd/e/z.log', 'f/g']) writeFileSync(join(directory, 'root', name), '');
  };
  await using watch = await watched(fill, { ignore: ['**/*.log'] });
  renameSync(join(watch.directory, 'root/d'), join(watch.directory, 'away'));
  await watch.told('gone d/x', 'gone d/e/y', 'gone d/e', 'gone d');
  assert.not.ok(watch.all().includes('gone d/e/z.log'));
  renameSync(join(watch.directory, 'root'), join(watch.directory, 'old'));
  await watch.told('gone f/g', 'gone f', 'gone ');
});

test('a root that is a link: what it leads to is watched', async () => {
  const fill = (directory: string) => {
    mkdirSync(join(directory, 'real'));
    writeFileSync(join(directory, 'real/f'), '');
    symlinkSync('real', join(directory, 'root'));
    symlinkSync('real/f', join(directory, 'file'));
  };
  await using directories = await watched(fill);
  await using files = await watched(fill, { root: 'file' });
  writeFileSync(join(directories.directory, 'real/f'), 'x');
  await directories.told('written f');
  writeFileSync(join(files.directory, 'real/f'), 'x');
  await files.told('written ');
});

test('a root that does not exist yet, goes and comes back', async () => {
  await using watch = await watched(() => {}, { root: 'not/yet/there' });
  const at = (path: string) => join(watch.directory, 'not/yet/there', path);
  mkdirSync(at('.'), { recursive: true });
  writeFileSync(at('f'), 'x');
  await watch.told('written ', 'written f');
  rmSync(join(watch.directory, 'not'), { recursive: true });
  await watch.told('gone ');
  mkdirSync(at('.'), { recursive: true });
  writeFileSync(at('g'), 'x');
  await watch.told('written g');
});

test('a root that is a file, replaced as editors do it', async () => {
  await using watch = await watched((directory) => writeFileSync(join(directory, 'root'), 'x'));
  const path = join(watch.directory, 'root');
  writeFileSync(`${path}.new`, 'y');
  renameSync(`${path}.new`, path);
  await watch.told('written ');
  rmSync(path);
  await watch.told('gone ');
  assert.equal([...new Set(watch.all())], ['written ', 'gone ']);
});

test('when the kernel drops events everything is told again', async () => {
  await using watch = await watched((directory) => {
    mkdirSync(join(directory, 'root'));
    writeFileSync(join(directory, 'root/old'), '');
  });
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  const pid = watcherBelow(process.pid);
  process.kill(pid, 'SIGSTOP');
  try {
    // A file is told of at least twice: created, closed.
    for (let index = 0; index <= limit / 2; index++) writeFileSync(join(watch.directory, 'root', `f${index}`), '');
    rmSync(join(watch.directory, 'root/old'));
    writeFileSync(join(watch.directory, 'root/last'), '');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await watch.told('written last', 'gone old', `written f${Math.floor(limit / 2)}`);
  assert.ok(watch.notices.some((one) => one.type === 'overflow'));
});

test('the limit of the kernel is an error that names the setting', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-watch-'));
  try {
    for (let index = 0; index < 20; index++) mkdirSync(join(directory, 'root', `d${index}`), { recursive: true });
    // A user namespace has limits of its own, which can be low without harm to anybody.
    const real = nativePrograms(process.env).helper;
    const wrapper = `#!/bin/sh\nexec unshare --user --map-root-user sh -c 'echo 5 >/proc/sys/user/max_inotify_watches && exec "${real}" "$@"' sh "$@"\n`;
    writeFileSync(join(directory, 'tscompose-helper'), wrapper, { mode: 0o755 });
    const roots = [{ path: join(directory, 'root'), ignore: [], lists: false }];
    const env = { ...process.env, TSCOMPOSE_LIBEXEC: directory };
    const watching = watchFiles({ roots, env, signal: AbortSignal.timeout(patienceMs) });
    const error = await watching.next().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.instance(error, TscomposeError);
    const [diagnostic] = error instanceof TscomposeError ? error.diagnostics : [];
    assert.is(diagnostic?.code, 'watch.too-many-watches');
    assert.match(diagnostic?.hint ?? '', /sysctl fs\.inotify\.max_user_watches/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** The native watcher that this process started. */
function watcherBelow(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').endsWith('tscompose-helper\0watch\0'));
  if (found === undefined) throw new Error('no watcher runs');
  return found;
}

test.run();
