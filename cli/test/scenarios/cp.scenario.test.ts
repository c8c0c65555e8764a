// timeout: 600s
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../scenario.ts';

scenario('cp copies files both ways as docker cp does')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  box: { image: tscompose/busybox:1, command: [sleep, "1000"], scale: 2, stop_grace_period: 0s }
  job: { image: tscompose/busybox:1, command: [sh, -c, "mkdir /out; echo result > /out/file; chown 7:8 /out/file; ln -s file /out/link"] }
`,
    'site/index': 'hello',
    'site/sub/page': 'page',
  })
  .step('up', ['up', '-d'])
  .step('a directory whose target is not there gets its name', ['cp', './site', 'box:/srv'], expect.stderr(/app-box-2 Copied/))
  .step(
    'in every replica, as root’s',
    ['exec', '-T', '--index', '2', 'box', 'stat', '-c', '%n %u:%g', '/srv/index', '/srv/sub/page'],
    expect.stdout(/^\/srv\/index 0:0\n\/srv\/sub\/page 0:0\n$/),
  )
  .step('into a directory that is there it goes under its own name', ['cp', '--index', '1', 'site', 'box:/srv'])
  .step('and with /. only what is in it', ['cp', '--index', '1', 'site/.', 'box:/tmp'])
  .step(
    'as said',
    ['exec', '-T', 'box', 'ls', '/srv', '/tmp'],
    expect.stdout(/^\/srv:\nindex\nsite\nsub\n\n\/tmp:\nindex\nsub\n$/),
  )
  .step('a file under another name, out of a container that has ended', ['cp', 'job:/out/file', 'here'])
  .act('it is ours', (world) => {
    assert.is(readFileSync(join(world.directory, 'here'), 'utf8'), 'result\n');
    assert.is(statSync(join(world.directory, 'here')).uid, process.getuid?.());
  })
  .step('-a keeps owners, a link stays a link', ['cp', '-a', 'job:/out', 'kept'])
  .act('as they were', (world) => {
    assert.equal(
      [statSync(join(world.directory, 'kept/file')).uid, lstatSync(join(world.directory, 'kept/link')).isSymbolicLink()],
      [7, true],
    );
  })
  .step('-L follows one', ['cp', '-L', 'job:/out/link', 'followed'])
  .act('to the file', (world) => assert.ok(lstatSync(join(world.directory, 'followed')).isFile()))
  .step('a stream out', ['cp', 'job:/out', '-'], expect.stdout(/out\/file[\s\S]*result\n/))
  .act('is a stream in', async (world) => {
    // The text of the archive is ASCII.
    const { status, stderr } = await world.feed(Buffer.from(world.last.stdout, 'latin1'), 'cp', '-', 'box:/tmp');
    assert.is(status, 0, stderr);
    await expect.inside('box', ['cat', '/tmp/out/link'], /^result\n$/)(world);
  })
  .step('what is not there', ['cp', 'box:/nothing', '.'], expect.exit(1), expect.stderr(/there is no such file/))
  .step(
    'a directory onto a file',
    ['cp', 'site', 'box:/srv/index'],
    expect.exit(1),
    expect.stderr(/a directory cannot be copied to a file/),
  )
  .step(
    'a file into a directory that is not there',
    ['cp', 'here', 'box:/nothing/'],
    expect.exit(1),
    expect.stderr(/there is no such directory/),
  )
  .step('between services', ['cp', 'box:/a', 'job:/b'], expect.exit(1), expect.stderr(/between services is not supported/))
  .step('or neither', ['cp', './a', './b'], expect.exit(1), expect.stderr(/unknown copy direction/))
  .step('or a service that is not there', ['cp', 'nosuch:/a', '.'], expect.exit(1), expect.stderr(/no such service: nosuch/))
  .act('nothing was made', (world) => assert.not.ok(existsSync(join(world.directory, 'nothing'))))
  .test();

test.run();
