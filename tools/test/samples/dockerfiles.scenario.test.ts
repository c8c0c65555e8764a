// timeout: 900s
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { authorities } from '#tools/images/authorities.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { type Check, eventually, expect, scenario, type World } from '../../../cli/test/scenario.ts';

if (process.getuid?.() !== 0) skipFile('needs root');
process.env['NODE_EXTRA_CA_CERTS'] ??= authorities(process.env);

const samples = join(import.meta.dirname, '../../../samples');
const patienceMs = 60_000;

/** The servers of samples/dockerfiles and the application of samples/dev, in one project. */
const stack = `
services:
  nginx:
    extends: { file: dockerfiles/compose.yaml, service: nginx }
  postgres:
    extends: { file: dockerfiles/compose.yaml, service: postgres }
  redis:
    extends: { file: dockerfiles/compose.yaml, service: redis }
  web:
    extends: { file: dev/compose.yaml, service: web }
    # As it is in the image, not as watch would fill it.
    command: !reset null
    tmpfs: !override [/tmp]
secrets:
  certificates: { file: "\${NODE_EXTRA_CA_CERTS}" }
`;

/** Package mirrors have bad moments: what was built stays in the cache, so a second build goes on where the first one ended. */
const builds: Check = async (world) => {
  for (let attempt = 0; ; attempt++) {
    world.last = await world.run('--progress', 'plain', 'build');
    if (world.last.status === 0) return;
    if (attempt === 1) throw new Error(`the build ended with status ${world.last.status}:\n${world.last.stderr.slice(-3000)}`);
  }
};

const sql = (world: World, statement: string) =>
  world.run('exec', '-T', '-e', 'PGPASSWORD=postgres', 'postgres', 'psql', '-h', 'postgres', '-U', 'postgres', '-Atc', statement);

scenario('nginx, PostgreSQL, Redis and a Node application are built from Dockerfiles and answer')
  .images('debian', 'node')
  .project({ 'compose.yaml': stack, '.env': 'NGINX_PORT=23001\nDEV_PORT=23002\n' })
  .act('the samples', (world) => {
    for (const name of ['dockerfiles', 'dev']) cpSync(join(samples, name), join(world.directory, name), { recursive: true });
  })
  .act('build', builds)
  .step('again: all of it is in the cache', ['--progress', 'plain', 'build'])
  .act('and nothing is done', (world) => {
    assert.match(world.last.stderr, /#\d+ CACHED/);
    assert.not.match(world.last.stderr, /#\d+ DONE/);
  })
  .step('up', ['up', '-d', '--wait', '--no-build'], expect.healthy('postgres'), expect.healthy('redis'))
  .act('nginx serves its page', eventually(expect.http('http://127.0.0.1:23001/', /nginx answers/), patienceMs))
  .act('the application counts in Redis', eventually(expect.http('http://127.0.0.1:23002/', /visitor \d/), patienceMs))
  .act('PostgreSQL keeps what it is told over the network, with a password', async (world) => {
    const written = await sql(world, "CREATE TABLE t (word text); INSERT INTO t VALUES ('kept')");
    assert.is(written.status, 0, written.stderr);
    assert.is((await sql(world, 'SELECT word FROM t')).stdout.trim(), 'kept');
  })
  .step(
    'the history names every instruction',
    ['image', 'history', '--no-trunc', '--format', '{{.CreatedBy}}', 'tscompose/nginx:1'],
    expect.stdout(/apt-get install --yes --no-install-recommends nginx[\s\S]*groupadd --gid 101 nginx/),
  )
  .test();

test.run();
