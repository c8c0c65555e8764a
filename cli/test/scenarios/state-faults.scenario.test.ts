// timeout: 420s
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario, type World } from '../scenario.ts';

const stack = `
services:
  one: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL }
  two: { image: "tscompose/busybox:1", command: [sleep, "1000"], stop_signal: SIGKILL, depends_on: [one] }
`;

const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'tscompose');

interface Ended {
  readonly status: number | null;
  readonly text: string;
}

/** Runs a shell script in a mount namespace of its own, where `$T` is the program and `$HERE` the scenario's directory. */
function apart(world: World, script: string, root = world.root): Ended {
  const result = spawnSync('unshare', ['--mount', 'sh', '-c', script], {
    cwd: world.directory,
    env: {
      ...process.env,
      T: program,
      TSCOMPOSE_DEV: '1',
      TSCOMPOSE_ROOT: root,
      STORE: world.root,
      HERE: join(world.root, '..'),
    },
    encoding: 'utf8',
  });
  return { status: result.status, text: `${result.stdout}${result.stderr}` };
}

/** One clear message with this code, no stack of ours. */
function refused(ended: Ended, code: string): void {
  assert.is(ended.status, 1, ended.text);
  assert.ok(ended.text.includes(`[${code}]`), ended.text);
  assert.not.match(ended.text, /This is a bug|\.ts:\d+/);
}

/** A small file system with the scenario's store on it, `$1` bytes free when `up` starts. */
const small = (leaveKb: number): string => `
  set -e; mkdir -p $HERE/small; mount -t tmpfs -o size=8m small $HERE/small; cp -a $STORE/. $TSCOMPOSE_ROOT/; $T ps -q
  head -c ${leaveKb}k /dev/zero > $TSCOMPOSE_ROOT/reserve; head -c 20m /dev/zero > $TSCOMPOSE_ROOT/fill 2>/dev/null || true
  rm $TSCOMPOSE_ROOT/reserve; set +e`;

scenario('a disk that is full stops up with one message, and the next commands work when there is space')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('up at several degrees of fullness', (world) => {
    const root = join(world.root, '..', 'small');
    for (const leaveKb of [0, 40, 90, 200]) {
      const ended = apart(
        world,
        `${small(leaveKb)}; $T up -d; status=$?; rm $TSCOMPOSE_ROOT/fill
         $T down -t 0 >$HERE/down.txt 2>&1 || { cat $HERE/down.txt; exit 3; }; [ -z "$($T ps -aq)" ] || exit 4
         $T up -d >/dev/null 2>&1 || exit 5; $T down -t 0 >/dev/null 2>&1 || exit 6; exit $status`,
        root,
      );
      refused(ended, 'engine.disk-full');
    }
  })
  .act('only the volatile directory is full', (world) => {
    for (const leaveKb of [0, 40]) {
      const ended = apart(
        world,
        `mkdir -p $STORE/run; mount -t tmpfs -o size=300k,mode=700 small $STORE/run
         head -c ${leaveKb}k /dev/zero > $STORE/run/reserve; head -c 1m /dev/zero > $STORE/run/fill 2>/dev/null; rm $STORE/run/reserve
         $T up -d; status=$?; rm $STORE/run/fill
         $T up -d >/dev/null 2>&1 || exit 5; $T down -t 0 >/dev/null 2>&1 || exit 6; exit $status`,
      );
      refused(ended, 'engine.disk-full');
      assert.ok(ended.text.includes(`no space left for "${join(world.root, 'run')}"`), ended.text);
    }
  })
  .act('an image that does not fit', (world) => {
    const root = join(world.root, '..', 'small');
    const ended = apart(
      world,
      `mkdir -p $HERE/small; mount -t tmpfs -o size=1500k small $HERE/small; mkdir big; head -c 8m /dev/urandom > big/file
       tar -C big -cf big.tar .; $T image import big.tar big:1; status=$?
       find $TSCOMPOSE_ROOT/tmp $TSCOMPOSE_ROOT/layers $TSCOMPOSE_ROOT/blobs -type f 2>/dev/null | grep . && exit 3
       [ -z "$($T image ls -q)" ] || exit 4; exit $status`,
      root,
    );
    refused(ended, 'engine.disk-full');
  })
  .test();

/** Takes a program of the machine away, in the mount namespace of `apart`. */
const hide = (name: string): string =>
  `for p in /usr/bin /usr/sbin /usr/local/bin /bin /sbin; do [ ! -x $p/${name} ] || mount --bind /dev/null $p/${name}; done`;

scenario('state that cannot be used is one clear message')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .act('a read-only file system, with state and without', (world) => {
    const readOnly = 'mount --bind $STORE $STORE; mount -o remount,ro,bind $STORE; $T up -d';
    refused(apart(world, readOnly), 'engine.state-unusable');
    refused(
      apart(
        world,
        'mkdir -p $HERE/small; mount -t tmpfs -o ro none $HERE/small; $T up -d',
        join(world.root, '..', 'small', 'deeper'),
      ),
      'engine.state-unusable',
    );
  })
  .act('a database of a newer program, and none at all', (world) => {
    const newer = `exec node --input-type=module -e "import { DatabaseSync } from 'node:sqlite'; new DatabaseSync(process.argv[1]).exec('PRAGMA user_version = 99')" $HERE/other/state.db`;
    const node = join(program, '..', 'node');
    refused(
      apart(
        world,
        `mkdir $HERE/other; cp $STORE/state.db* $HERE/other/; (${newer.replace('exec node', node)}); $T up -d`,
        join(world.root, '..', 'other'),
      ),
      'engine.state-newer',
    );
    refused(
      apart(
        world,
        'rm -f $HERE/other/*; head -c 9000 /dev/urandom > $HERE/other/state.db; $T up -d',
        join(world.root, '..', 'other'),
      ),
      'engine.state-unusable',
    );
  })
  .act('no runtime, no nft', (world) => {
    const runtime = apart(world, `${hide('crun')}; ${hide('runc')}; $T up -d`);
    refused(runtime, 'engine.requirement-missing');
    assert.match(runtime.text, /no OCI runtime is installed/);
    const firewall = apart(world, `${hide('nft')}; $T up -d`);
    refused(firewall, 'engine.requirement-missing');
    assert.match(firewall.text, /"nft" is not installed/);
  })
  .step('and nothing was touched', ['ps', '-aq'], expect.stdout(/^$/))
  .test();

scenario('a damaged status file does not stop anybody')
  .images('busybox')
  .project({ 'compose.yaml': stack })
  .step('up', ['up', '-d'])
  .act('the status file of one is garbage', (world) => {
    apart(world, 'for file in $TSCOMPOSE_ROOT/run/containers/*/status.json; do echo "{ not json" > $file; break; done');
  })
  .step('ps still answers', ['ps', '-a'], expect.stdout(/one/), expect.stdout(/two/))
  .step('up repairs', ['up', '-d'], expect.state('one', 'running'), expect.state('two', 'running'))
  .act('what runs can be ended where its runtime is not installed any more', (world) => {
    const stopped = apart(world, `${hide('crun')}; ${hide('runc')}; $T stop -t 0 two`);
    assert.is(stopped.status, 0, stopped.text);
  })
  .step('one service is stopped', ['ps', '-a'], expect.state('one', 'running'), expect.state('two', 'exited'))
  .step('down removes all', ['down', '-t', '0'], expect.absent('one'), expect.absent('two'))
  .test();

test.run();
