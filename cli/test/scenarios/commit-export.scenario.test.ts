// timeout: 300s
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../scenario.ts';

const lines = (text: string) => text.trim().split('\n');

scenario('what a container changed goes into an image, its files into an archive, and the archive into an image')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  one: { image: tscompose/busybox:1, command: ["sleep", "600"], stop_signal: SIGKILL }
  two: { image: made:1, command: ["cat", "/made"], profiles: [later] }
  three: { image: imported:1, command: ["cat", "/made"], profiles: [later] }
`,
  })
  .step('the stack comes up', ['up', '-d', 'one'])
  .step('a process of the container changes it', ['exec', '-T', 'one', 'sh', '-c', 'echo changed >/made'])
  .step('the container is committed', ['commit', '-a', 'me', '-m', 'a reason', '-c', 'ENV A=b', 'one', 'made:1'], (world) => {
    assert.match(world.last.stderr, /Container app-one-1 Committing\n.*Committed as sha256:[0-9a-f]{64}/s);
  })
  .step('a service of that image has the change', ['up', '--exit-code-from', 'two', 'two'], (world) => {
    assert.match(world.last.stdout, /changed/);
  })
  .step('the container is exported', ['export', 'one', '-o', 'one.tar'], (world) => {
    const path = join(world.directory, 'one.tar');
    assert.is(statSync(path).mode & 0o777, 0o600);
    const members = lines(execFileSync('tar', ['-tf', path], { encoding: 'utf8' }));
    assert.ok(members.includes('made') && members.includes('bin/busybox'));
  })
  .step('the export becomes an image', ['image', 'import', 'one.tar', 'imported:1'])
  .step('which runs', ['up', '--exit-code-from', 'three', 'three'], (world) => {
    assert.match(world.last.stdout, /changed/);
  })
  .step('a service that does not run cannot be exported', ['export', 'two'], expect.exit(1), (world) => {
    assert.match(world.last.stderr, /"two" is not running/);
  })
  .step('nor written into a directory', ['export', 'one', '-o', '.'], expect.exit(1), (world) => {
    assert.match(world.last.stderr, /it is a directory/);
  })
  .step('an instruction that is none is an error', ['commit', '-c', 'RUN true', 'one'], expect.exit(1), (world) => {
    assert.match(world.last.stderr, /"RUN" is not one of/);
  })
  .test();

test.run();
