// timeout: 120s
import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../scenario.ts';

const program = new URL('../../../bin/tscompose', import.meta.url).pathname;
const write =
  'echo kept > /data/file; chown 1234:2345 /data/file; chmod 640 /data/file; ln -s file /data/link; touch -d 2001-02-03 /data/file';

scenario('the files of a volume go out as a tar stream and into another volume unchanged')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  one: { image: tscompose/busybox:1, command: ["sh", "-c", "${write}; exec sleep 600"], init: false, stop_signal: SIGKILL, volumes: ["first:/data"] }
  two: { image: tscompose/busybox:1, command: ["sleep", "600"], init: false, stop_signal: SIGKILL, volumes: ["second:/data"] }
volumes: { first: {}, second: {} }
`,
  })
  .step('the stack comes up', ['up', '-d'])
  .act('one volume is piped into the other', async (world) => {
    const env = { ...process.env, TSCOMPOSE_ROOT: world.root };
    const tool = (argv: readonly string[], input?: Buffer) =>
      execFileSync(program, argv, { env, cwd: world.directory, ...(input === undefined ? {} : { input }) });
    let archive = Buffer.alloc(0);
    // The container may still be writing.
    for (let attempt = 0; attempt < 50 && !archive.includes('link'); attempt++) archive = tool(['volume', 'export', 'app_first']);
    tool(['volume', 'import', 'app_second'], archive);
    const listing = tool([
      'exec',
      '-T',
      'two',
      'sh',
      '-c',
      'stat -c "%u:%g %a %y" /data/file; readlink /data/link; cat /data/file',
    ]).toString();
    assert.match(listing, /^1234:2345 640 2001-02-03 .*\nfile\nkept\n$/);
    assert.throws(() => tool(['volume', 'import', 'app_second'], archive), /not empty/);
    tool(['volume', 'import', '--merge', 'app_second'], archive);
    assert.throws(
      () => tool(['volume', 'import', '--merge', 'app_second'], Buffer.from('no archive at all'.repeat(100))),
      /cannot be read/,
    );
  })
  .step('an unknown volume is an error', ['volume', 'export', 'nothing'], expect.exit(1))
  .test();

test.run();
