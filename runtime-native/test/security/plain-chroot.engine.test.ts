// timeout: 120s
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nativePrograms } from '#runtime/host/programs.ts';

// Nothing here can start a container, whatever goes wrong: the image is never there and the launcher's directory does not exist.
// One that ran in a plain chroot could destroy the machine it runs on.

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'tscompose');
const { supervisor } = nativePrograms({});
const codes = /engine\.[a-z-]+/g;

/** A project's directory with an empty place for a root in it. */
function projectDirectory(): Disposable & { readonly home: string } {
  const home = mkdtempSync(join(tmpdir(), 'tsc-'));
  mkdirSync(join(home, 'new'));
  writeFileSync(
    join(home, 'compose.yaml'),
    'services: { web: { image: "tscompose/absent:1", pull_policy: never, build: { dockerfile_inline: "FROM tscompose/absent:1" } } }',
  );
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

/** Runs a script with the whole machine bound to `new`, in a mount namespace of its own that goes with it. */
function apart(home: string, script: string): string {
  const result = spawnSync('unshare', ['--mount', 'sh', '-ec', `mount --rbind / "$HERE/new"; ${script}`], {
    cwd: home,
    env: { ...process.env, HERE: home, T: program, S: supervisor, TSCOMPOSE_ROOT: join(home, 'r'), NO_COLOR: '1' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return `${result.stdout}${result.stderr}`;
}

test('in a plain chroot doctor tells, and every command that would start something is refused before', () => {
  using project = projectDirectory();
  const { home } = project;
  for (const line of ['doctor', 'up -d', 'run --rm web true', 'build', 'create', 'start']) {
    const text = apart(home, `exec chroot "$HERE/new" env -C "$HERE" "$T" ${line} 2>&1`);
    assert.match(text, /this is a plain chroot/, `${line}: ${text}`);
    if (line !== 'doctor') assert.equal([...new Set(text.match(codes))], ['engine.plain-chroot'], `${line}: ${text}`);
  }
});

test('the launcher refuses there too, whoever asks it', () => {
  using project = projectDirectory();
  const { home } = project;
  const request = `{"id":1,"op":"start","runDir":"${home}/nowhere"}`;
  assert.match(apart(home, `echo '${request}' | chroot "$HERE/new" "$S" launch`), /"ok":false.*plain chroot/);
  assert.match(apart(home, `echo '${request}' | "$S" launch`), /"reason":"config"/);
});

test('a root that was entered with pivot_root is a root', () => {
  using project = projectDirectory();
  const { home } = project;
  const enter = 'cd "$HERE/new"; pivot_root . .; umount -l .; exec chroot . ';
  assert.is(apart(home, `${enter} "$S" root`), 'own\n');
  assert.not.match(apart(home, `${enter} env -C "$HERE" "$T" doctor`), /plain chroot/);
  assert.is(apart(home, '"$S" root'), 'own\n');
});

test.run();
