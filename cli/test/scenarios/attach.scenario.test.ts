// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startInTerminal } from '../scenario/terminal.ts';
import { eventually, expect, scenario } from '../scenario.ts';

scenario('attach connects to the first process')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  shell: { image: tscompose/busybox:1, command: [sh], tty: true, stdin_open: true, stop_grace_period: 0s }
  reader: { image: tscompose/busybox:1, command: [sh, -c, "while read line; do echo got $$line; done; exit 4"], stdin_open: true }
  plain:
    image: tscompose/busybox:1
    command: [sh, -c, "trap 'echo interrupted; exit 6' INT; while :; do echo tick; sleep 0.1; done"]
    stop_grace_period: 0s
`,
  })
  .step('up', ['up', '-d'])
  .act('a terminal that can be left and joined again', async (world) => {
    for (const [index, keys] of [undefined, 'ctrl-x,x'].entries()) {
      const flags = keys === undefined ? [] : ['--detach-keys', keys];
      const terminal = startInTerminal(['attach', ...flags, 'shell'], world);
      try {
        await terminal.see(/# /);
        terminal.type(`stty size; echo he""llo ${index}\r`);
        await terminal.see(new RegExp(`30 90\\r\\nhello ${index}\\r\\n`));
        terminal.type(keys === undefined ? '\x10\x11' : '\x18x');
        assert.is(await terminal.finished, 0);
      } finally {
        terminal.close();
      }
    }
    await expect.state('shell', 'running')(world);
  })
  .act('without a terminal: input, its end, output, exit code', async (world) => {
    const { status, stdout } = await world.feed('one\ntwo\n', 'attach', 'reader');
    assert.equal({ status, stdout }, { status: 4, stdout: 'got one\ngot two\n' });
  })
  .start('output from now on', ['attach', 'plain'], eventually(expect.stdout(/tick/), 120_000))
  .signal('a signal is the process’s', 'SIGINT', expect.exit(6), expect.stdout(/interrupted/))
  .step('a service that does not run', ['attach', 'plain'], expect.exit(1), expect.stderr(/plain.*is not running/))
  .start('or not', ['attach', '--sig-proxy=false', '--no-stdin', 'shell'])
  .act(
    'it has connected',
    eventually(async (world) => {
      await world.run('exec', '-T', 'shell', 'sh', '-c', 'echo mark""er > /proc/1/fd/1');
      expect.stdout(/marker/)(world);
    }, 120_000),
  )
  .signal('the command ends alone', 'SIGINT', expect.exit(130), expect.state('shell', 'running'))
  .test();

test.run();
