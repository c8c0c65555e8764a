// timeout: 300s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { program, programEnvironment } from '../scenario/program.ts';
import { startInTerminal, type TerminalProgram } from '../scenario/terminal.ts';
import { eventually, expect, scenario, type World } from '../scenario.ts';

const stack = `
services:
  web:
    image: tscompose/busybox:1
    command: [sh, -c, "while :; do echo line; sleep 0.2; done"]
    stop_signal: SIGKILL
    develop: { watch: [{ path: ./src, action: sync, target: /src }] }
  quiet: { image: "tscompose/busybox:1", command: [sh], tty: true, stdin_open: true, stop_signal: SIGKILL }
  flood: { image: "tscompose/busybox:1", command: ["yes", "a line of a container that writes without end"], stop_signal: SIGKILL, profiles: [flood] }
  dump: { image: "tscompose/busybox:1", command: [sh, -c, "head -c 12000000 /dev/zero"], profiles: [flood] }
  made: { build: { context: ., dockerfile_inline: "FROM tscompose/busybox:1\\nRUN echo begins; sleep 600\\n" }, profiles: [flood] }
`;

const files = { 'compose.yaml': stack, 'src/file': '' };

async function inTerminal<T>(world: World, argv: readonly string[], use: (terminal: TerminalProgram) => Promise<T>): Promise<T> {
  const terminal = startInTerminal(argv, world);
  try {
    return await use(terminal);
  } finally {
    terminal.close();
  }
}

scenario('Ctrl-C ends what follows with 130 and leaves the containers alone')
  .images('busybox')
  .project(files)
  .step('up', ['up', '-d'])
  .act('each command', async (world) => {
    for (const [argv, ready] of [
      [['logs', '-f', 'web'], /line/],
      [['stats'], /app-web-1/],
      [['events'], /container pause/],
      [['watch', '--no-up'], /q quit/],
      [['build', 'made'], /begins/],
    ] as const) {
      await inTerminal(world, argv, async (terminal) => {
        // Something for `events` to tell.
        if (argv[0] === 'events') await eventually(() => tellEvents(world, terminal, ready), 30_000)(world);
        else await terminal.see(ready);
        terminal.type('\x03');
        assert.is(await terminal.finished, 130, argv.join(' '));
      });
    }
  })
  .act('the containers run', expect.state('web', 'running'))
  .test();

/** `see` waits long, so the change goes on beside it. */
async function tellEvents(world: World, terminal: TerminalProgram, ready: RegExp): Promise<void> {
  const seen = terminal.see(ready);
  let isSeen = false;
  seen.then(
    () => {
      isSeen = true;
    },
    () => {},
  );
  while (!isSeen) {
    await world.run('pause', 'web');
    await world.run('unpause', 'web');
    await delay(100);
  }
}

scenario('a terminal that goes away: nothing hangs, no container is lost')
  .images('busybox')
  .project(files)
  .act('up in the foreground', async (world) => {
    const status = await inTerminal(world, ['up'], async (terminal) => {
      await terminal.see(/web-1 +\| line/);
      return terminal.hangUp();
    });
    assert.is(status, 129);
    await expect.state('web', 'running')(world);
  })
  .act('each command', async (world) => {
    for (const [argv, ready] of [
      [['logs', '-f', 'web'], /line/],
      [['stats'], /app-web-1/],
      [['attach', 'web'], /line/],
      [['exec', 'web', 'sh'], /# /],
      [['run', '--rm', 'quiet', 'sh', '-c', 'echo begins; exec cat'], /begins/],
      [['watch', '--no-up'], /q quit/],
    ] as const) {
      const status = await inTerminal(world, argv, async (terminal) => {
        await terminal.see(ready);
        return terminal.hangUp();
      });
      assert.is(status, 129, argv.join(' '));
    }
    await expect.state('web', 'running')(world);
  })
  .test();

/** Starts a command and reads nothing of what it prints. */
function unread(world: World, argv: readonly string[]) {
  const child = spawn(program, argv, {
    cwd: world.directory,
    env: programEnvironment(world),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { child, ended: once(child, 'close').then(([status]) => Number(status)) };
}

scenario('a reader that takes nothing: Ctrl-C is heard all the same')
  .images('busybox')
  .project(files)
  .step('up', ['up', '-d', 'flood'])
  .act('logs and up', async (world) => {
    for (const argv of [
      ['logs', '-f', 'flood'],
      ['up', 'flood'],
    ]) {
      const { child, ended } = unread(world, argv);
      await eventually(() => assert.ok(child.stdout.readableLength > 0), 60_000)(world);
      child.kill('SIGINT');
      // Without a reader the stream never ends: its end is not waited for.
      await once(child, 'exit');
      assert.is(child.exitCode, 130, argv.join(' '));
      child.stdout.destroy();
      await ended;
    }
  })
  .test();

scenario('run waits for a slow reader: nothing of the output is lost')
  .images('busybox')
  .project(files)
  .act('a dump into a pipe that is read late', async (world) => {
    const { child, ended } = unread(world, ['run', '--rm', '-T', 'dump']);
    await eventually(() => assert.ok(child.stdout.readableLength > 0), 60_000)(world);
    await delay(1_000);
    let bytes = 0;
    for await (const chunk of child.stdout) bytes += (chunk as Buffer).length;
    assert.is(bytes, 12_000_000);
    assert.is(await ended, 0);
  })
  .test();

test.run();
