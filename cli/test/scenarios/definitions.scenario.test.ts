// timeout: 240s
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gitServer, makeRepository } from '#runtime/test/git-server.ts';
import { expect, scenario } from '../scenario.ts';

const stack = `
name: elsewhere
services:
  web:
    image: tscompose/busybox:1
    command: ["sh", "-c", "cat /words; exec sleep 600"]
    environment: { GREETING: "\${GREETING:-hello}" }
    volumes: ["./words:/words:ro"]
    stop_signal: SIGKILL
`;

scenario('a stack that is defined in a git repository')
  .images('busybox')
  .project({ README: 'nothing is defined here' })
  .act('from a server', async (world) => {
    const repositories = join(world.root, 'repositories');
    makeRepository(join(repositories, 'app.git'), { 'stack/compose.yaml': stack, 'stack/words': 'said the repository\n' });
    await using server = await gitServer(repositories);
    const file = `${server.url}/app.git#main:stack`;
    const run = (...argv: readonly string[]) => world.run('-f', file, ...argv);
    const asked = await run('up', '-d');
    assert.is(asked.status, 1, asked.stderr);
    assert.match(asked.stdout, /Your compose stack ".*" is stored in ".*\/stack"/);
    assert.match(asked.stdout, /GREETING +hello +compose file +no +hello/);
    assert.match(asked.stderr, 'operation cancelled by user');
    const watching = await run('up', '--watch');
    assert.is(watching.status, 1);
    assert.match(watching.stderr, 'operation cancelled by user');
    assert.is((await run('up', '-d', '--yes')).status, 0);
    assert.match((await run('logs', '--no-log-prefix', 'web')).stdout, 'said the repository');
    assert.is((await run('plan', '--exit-code')).status, 0, 'nothing to do');
    const unknown = await world.run('-f', `${server.url}/other.git`, 'config');
    assert.is(unknown.status, 1);
    assert.match(unknown.stderr, 'cannot be fetched');
    assert.is((await run('down')).status, 0);
  })
  .step('and it is gone', ['ls', '-q'], expect.stdout(/^$/))
  .test();

test.run();
