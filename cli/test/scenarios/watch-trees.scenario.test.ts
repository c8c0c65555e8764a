// timeout: 300s
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Check, eventually, expect, scenario, type World } from '../scenario.ts';
import { holds, patienceMs, rootOf } from '../watch/container-files.ts';
import { editors } from '../watch/editors.ts';
import { treeDifference, treeReader } from '../watch/tree-text.ts';

const says = (pattern: RegExp): Check => eventually(expect.stderr(pattern), patienceMs);
const at = (world: World, path: string) => join(world.directory, path);

/** Waits until a directory of a service is what one of the host is. */
const isLike =
  (service: string, [inside, outside]: readonly [string, string]): Check =>
  async (world) => {
    const reader = treeReader();
    const host = at(world, outside);
    const [outline, all] = [reader.outline(host), reader.all(host)];
    await eventually(async () => {
      const root = `${await rootOf(world, service)}${inside}`;
      assert.equal(
        treeDifference(
          outline,
          treeOf(() => reader.outline(root)),
        ),
        [],
      );
      assert.equal(
        treeDifference(
          all,
          treeOf(() => reader.all(root)),
        ),
        [],
      );
    }, patienceMs)(world);
  };

/** Files may vanish under the reading while the watch is at work. */
function treeOf(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch (error) {
    return [String(error)];
  }
}

/** Five times as many were tried by hand; these are a burst as well. */
const files = 1_000;

/** What a checkout of another branch does: files are unlinked and made again, some directories come and go. */
function checkOut(directory: string, branch: number): void {
  for (let index = 0; index < files; index++) {
    const path = join(directory, `d${index % 50}`, `f${index}`);
    if (index % 5 === branch) rmSync(path, { force: true });
    else {
      rmSync(path, { force: true });
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, `${branch} ${index}`);
    }
  }
}

const compose = `
services:
  bare:
    build: bare
    command: ["/busybox", "sleep", "1000"]
    stop_signal: SIGKILL
    develop:
      watch:
        - { path: ./src, action: sync, target: /app }
        - { path: ./not/yet, action: sync, target: /later }
        - { path: ./some, action: sync, target: /some, include: ["**/*.js"] }
  other:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    develop:
      watch:
        - { path: ./src, action: sync, target: /elsewhere, ignore: [node_modules] }
        - path: ./hook
          action: sync+exec
          target: /hook
          exec: { command: [sh, -c, "grep CapEff /proc/self/status > /tmp/capabilities"], privileged: true }
`;

scenario('editors, checkouts and installs, in a container without a shell and in another one that watches the same tree')
  .images('busybox')
  .project({
    'compose.yaml': compose,
    'bare/Dockerfile': 'FROM tscompose/busybox:1 AS from\nFROM scratch\nCOPY --from=from /bin/busybox /busybox\n',
    'src/e/file.js': 'one',
    'some/d/a.js': 'a',
    'some/d/b.txt': 'b',
    'hook/x': 'x',
  })
  .start('watch', ['watch'], says(/Watch enabled/))
  .act('each editor saves the file, and leaves nothing behind', async (world) => {
    for (const [name, saveAs] of Object.entries(editors)) {
      saveAs(at(world, 'src/e/file.js'), `by ${name}`);
      await holds('bare', '/app/e/file.js', `by ${name}`)(world);
      await holds('other', '/elsewhere/e/file.js', `by ${name}`)(world);
    }
    await isLike('bare', ['/app', 'src'])(world);
  })
  .act('many files of one branch, then of another', async (world) => {
    for (const branch of [0, 1]) {
      checkOut(at(world, 'src/tree'), branch);
      await isLike('bare', ['/app', 'src'])(world);
      await isLike('other', ['/elsewhere/tree', 'src/tree'])(world);
    }
  })
  .act('an installed package tree, where it is not ignored', async (world) => {
    for (const name of ['yaml', 'uvu']) {
      const from = new URL(`../../../node_modules/${name}`, import.meta.url).pathname;
      cpSync(from, at(world, `src/node_modules/${name}`), { recursive: true, dereference: true });
    }
    await isLike('bare', ['/app', 'src'])(world);
    rmSync(at(world, 'src/tree'), { recursive: true });
    await isLike('bare', ['/app', 'src'])(world);
    await expect.inside('other', ['ls', '/elsewhere'], /^e\n$/)(world);
  })
  .act('a path that was not there at the start', async (world) => {
    mkdirSync(at(world, 'not/yet'), { recursive: true });
    writeFileSync(at(world, 'not/yet/f'), 'here');
    await holds('bare', '/later/f', 'here')(world);
  })
  .act('include names files, also when their directory is moved away', async (world) => {
    writeFileSync(at(world, 'some/d/b.txt'), 'not this one');
    writeFileSync(at(world, 'some/d/a.js'), 'this one');
    await holds('bare', '/some/d/a.js', 'this one')(world);
    await holds('bare', '/some/d/b.txt', undefined)(world);
    cpSync(at(world, 'some/d'), at(world, 'aside'), { recursive: true });
    rmSync(at(world, 'some'), { recursive: true });
    await holds('bare', '/some/d/a.js', undefined)(world);
  })
  .act('a command with all capabilities', async (world) => {
    writeFileSync(at(world, 'hook/x'), 'y');
    await eventually(async () => {
      const inside = await world.run('exec', '-T', 'other', 'sh', '-c', 'cat /tmp/capabilities; grep CapEff /proc/self/status');
      const [hook = '', usual = ''] = inside.stdout
        .trim()
        .split('\n')
        .map((line) => line.replace(/^CapEff:\s*/, ''));
      assert.match(hook, /^[0-9a-f]{16}$/, inside.stderr);
      assert.ok(BigInt(`0x${hook}`) > BigInt(`0x${usual}`), `${hook} > ${usual}`);
    }, patienceMs)(world);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130), expect.noOutput(/watch\.not-copied|This is a bug/))
  .test();

scenario('only the named services are watched; --quiet hides builds, --prune=false keeps the image that was replaced')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  web:
    build: .
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    develop: { watch: [{ path: ./src, action: rebuild }] }
  other:
    image: tscompose/busybox:1
    command: [sleep, "1000"]
    stop_signal: SIGKILL
    develop: { watch: [{ path: ./src, action: sync, target: /app }] }
`,
    Dockerfile: 'FROM tscompose/busybox:1\nCOPY src /app\n',
    'src/v': 'one',
  })
  .step('everything runs', ['up', '-d'])
  .start('watch web', ['watch', '--quiet', '--prune=false', 'web'], says(/Watch enabled: .* for web\n/))
  .act('a change', async (world) => {
    writeFileSync(at(world, 'src/v'), 'two');
    await holds('web', '/app/v', 'two')(world);
    await says(/service\(s\) \["web"\] successfully built/)(world);
    await expect.inside('other', ['sh', '-c', 'ls /app 2>&1 || true'], /No such file/)(world);
    const images = await world.run('image', 'ls', '--format', 'json');
    assert.match(images.stdout, /<none>/);
  })
  .signal('Ctrl-C', 'SIGINT', expect.exit(130), expect.noOutput(/#1 /))
  .test();

test.run();
