// timeout: 240s
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startInTerminal, type TerminalProgram } from '../scenario/terminal.ts';
import { scenario, type World } from '../scenario.ts';

const compose = (environment: string) => `
services:
  web:
    build: .
    command: [sh, -c, "echo from web; exec sleep 1000"]
    stop_signal: SIGKILL
    environment: { V: "${environment}" }
    develop:
      watch:
        - { path: ./src, action: sync+exec, target: /app, exec: { command: [sh, -c, "exit 4"] } }
        - { path: ./built, action: rebuild }
  db:
    image: tscompose/busybox:1
    command: [sh, -c, "echo from db; exec sleep 1000"]
    stop_signal: SIGKILL
`;

const save = (world: World, path: string, text: string) => writeFile(join(world.directory, path), text);

async function inTerminal(world: World, body: (terminal: TerminalProgram) => Promise<void>): Promise<number> {
  const terminal = startInTerminal(['watch'], world);
  try {
    await body(terminal);
    return await terminal.finished;
  } finally {
    terminal.close();
  }
}

scenario('the live view at a terminal: logs, each key, failures, questions, another size')
  .images('busybox')
  .project({
    'compose.yaml': compose('one'),
    Dockerfile: 'FROM tscompose/busybox:1\nCOPY built /built\n',
    'src/v': 'one',
    'built/v': 'one',
  })
  .act('from the start to q', async (world) => {
    const status = await inTerminal(world, async ({ see, type, resize }) => {
      await see(/Watch enabled/);
      await see(/web[ \S]* running[\s\S]*r restart {3}b rebuild {3}l logs: all {3}q quit/);
      type('l');
      await see(/logs: db/);
      type('r');
      // The log and the message come in any order; the block is drawn again after both.
      await see(/(from db[\s\S]*\["db"\] restarted|\["db"\] restarted[\s\S]*from db)[\s\S]*db[ \S]* running[ \S]* restarted in/);
      type('b');
      await see(/Nothing to rebuild: no "build" in db/);
      type('l');
      await see(/logs: web/);
      type('b');
      await see(/Image app-web Built[\s\S]*service\(s\) \["web"\] successfully built/);
      type('l');
      await see(/logs: none/);
      // A command that fails, a build that fails: told, and the loop lives on.
      await save(world, 'src/v', 'two');
      await see(/watch\.exec-failed[\s\S]*web[ \S]* status 4 of sh -c exit 4/);
      resize({ columns: 50, rows: 12 });
      await save(world, 'Dockerfile', 'FROM tscompose/busybox:1\nRUN exit 5\n');
      await save(world, 'built/v', 'two');
      await see(/Rebuild of "web" failed[\s\S]*web[ \S]* rebuild failed/);
      await save(world, 'compose.yaml', compose('two'));
      await see(/Apply the changed compose file\?[^\n]*\[y\/n\]/);
      type('n');
      await see(/r restart/);
      await save(world, 'Dockerfile', 'FROM tscompose/busybox:1\nCOPY built /built\n');
      await save(world, 'compose.yaml', compose('three'));
      await see(/\[y\/n\]/);
      type('y');
      await see(/Changes to "app" applied/);
      await see(/r restart/);
      type('q');
      await see(/Watch disabled/);
    });
    assert.is(status, 0);
    assert.match((await world.run('exec', '-T', 'web', 'sh', '-c', 'echo $V; cat /app/v')).stdout, /^three\ntwo$/);
  })
  .act('Ctrl-C is a key like any other', async (world) => {
    const status = await inTerminal(world, async ({ see, type }) => {
      await see(/q quit/);
      type('\u0003');
      await see(/Watch disabled/);
    });
    assert.is(status, 130);
  })
  .test();

test.run();
