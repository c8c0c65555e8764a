// timeout: 300s
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario, type World } from '../scenario.ts';

const program = new URL('../../../bin/tscompose', import.meta.url).pathname;

/** Runs the program on another state root of this scenario. */
function elsewhere(world: World, argv: readonly string[], input?: Buffer): string {
  const env = { ...process.env, TSCOMPOSE_ROOT: join(world.root, '../other') };
  return execFileSync(program, argv, { env, input, timeout: 60_000 }).toString();
}

const idOf = (world: World) => JSON.parse(world.last.stdout)[0].Id as string;
let busyboxId = '';

scenario('images are saved, loaded elsewhere, listed, explained and pruned; what a container needs stays')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  one: { image: tscompose/busybox:1, command: ["sh", "-c", "echo x >/x; exec sleep 600"], stop_signal: SIGKILL }
`,
  })
  .step('the stack comes up', ['up', '-d'])
  .step('an image tells its id', ['image', 'inspect', 'tscompose/busybox:1'], (world) => {
    busyboxId = idOf(world);
    assert.match(busyboxId, /^sha256:[0-9a-f]{64}$/);
  })
  .act('saved into a pipe it is the same image on another state root', (world) => {
    const env = { ...process.env, TSCOMPOSE_ROOT: world.root };
    const archive = execFileSync(program, ['image', 'save', '--compress', 'zstd', 'tscompose/busybox:1'], {
      env,
      maxBuffer: 1e8,
    });
    assert.match(elsewhere(world, ['image', 'load'], archive), /^Loaded image: tscompose\/busybox:1\n$/);
    assert.is(JSON.parse(elsewhere(world, ['image', 'inspect', 'tscompose/busybox:1']))[0].Id, busyboxId);
  })
  .step('and into a file', ['image', 'save', '--format', 'oci', '-o', 'image.tar', 'tscompose/busybox:1'], (world) => {
    mkdirSync(join(world.directory, 'layout'));
    execFileSync('tar', ['-xf', 'image.tar', '-C', 'layout'], { cwd: world.directory });
    assert.ok(existsSync(join(world.directory, 'layout/index.json')));
  })
  .step('a layout directory loads too', ['image', 'load', '-i', 'layout'])
  .step('an image that is not there is an error', ['image', 'save', 'no:such'], expect.exit(1), (world) => {
    assert.is(world.last.stdout, '');
  })
  .step('an image in use cannot be removed', ['image', 'rm', 'tscompose/busybox:1'], expect.exit(1), (world) => {
    assert.match(world.last.stderr, /is used by app-one-1/);
  })
  .step('a commit without a name makes an image without a name', ['commit', '-m', 'nameless', 'one'])
  .step('which the list shows', ['image', 'ls', '--filter', 'dangling=true', '--format', '{{.Repository}} {{.Tag}}'], (world) => {
    assert.is(world.last.stdout, '<none> <none>\n');
  })
  .act('an image is imported', (world) => {
    writeFileSync(join(world.directory, 'file'), 'x'.repeat(100_000));
    execFileSync('tar', ['-cf', 'root.tar', 'file'], { cwd: world.directory });
  })
  .step('with label and comment', ['image', 'import', '-c', 'LABEL keep=yes', '-m', 'made here', 'root.tar', 'imported:1'])
  .step('its history has them', ['image', 'history', '--format', '{{.Size}} {{.Comment}}', 'imported:1'], (world) => {
    assert.match(world.last.stdout, /^10\d\.?\d*kB made here\n$/);
  })
  .step('names are filtered', ['image', 'ls', '-q', '--no-trunc', 'tscompose/*'], (world) => {
    assert.is(world.last.stdout, `${busyboxId}\n`);
  })
  .step('the summary of the disk counts', ['system', 'df', '--format', '{{.Type}} {{.TotalCount}} {{.Active}}'], (world) => {
    assert.is(world.last.stdout, 'Images 3 1\nContainers 1 1\nLocal Volumes 0 0\nBuild Cache 0 0\n');
  })
  .step('and says in detail what keeps what', ['system', 'df', '-v'], (world) => {
    assert.match(world.last.stdout, /tscompose\/busybox .* app-one-1\n/);
    assert.match(world.last.stdout, /imported .* its name\n/);
    assert.match(world.last.stdout, /<none> .* nothing\n/);
  })
  .step('pruning takes the nameless one', ['image', 'prune', '-f'], (world) => {
    assert.match(world.last.stdout, /^Deleted: sha256:[0-9a-f]{64}\nTotal reclaimed space: \d/);
  })
  .step('a label keeps one', ['image', 'prune', '-af', '--filter', 'label!=keep'], (world) => {
    assert.is(world.last.stdout, 'Total reclaimed space: 0B\n'.replace('0B', /space: (\S+)/.exec(world.last.stdout)?.[1] ?? ''));
  })
  .step('an unknown filter is refused', ['image', 'prune', '-f', '--filter', 'colour=red'], expect.exit(1))
  .step('all takes what no container needs', ['image', 'prune', '-af'], (world) => {
    assert.match(world.last.stdout, /^Untagged: imported:1\nDeleted: sha256:/);
  })
  .step('the image in use is still there', ['image', 'ls', '-q', '--no-trunc'], (world) => {
    assert.is(world.last.stdout, `${busyboxId}\n`);
  })
  .step('a dry run removes nothing', ['--dry-run', 'system', 'prune', '-f'])
  .step('the stack stops', ['stop'])
  .step('what is left of it goes', ['system', 'prune', '-f', 'app'], expect.absent('one'), (world) => {
    assert.match(world.last.stdout, /^Removed: container app-one-1\nRemoved: network app_default\nTotal/);
  })
  .step('a second time there is nothing', ['system', 'prune', '-f', 'app'], (world) => {
    assert.match(world.last.stderr, /Nothing to remove/);
  })
  .test();

test.run();
