// timeout: 5m
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import { skipFile } from '#tools/testing/skip.ts';
import { eventually, expect, scenario, type World } from '../../../cli/test/scenario.ts';
import { prepareHarbor } from '../../../samples/harbor/prepare.ts';

if (process.getuid?.() !== 0) skipFile('needs root');

/** The programs that read Harbor's configuration, as Debian has them: the goharbor images come from a registry. */
const parts = `
services:
  proxy:
    image: tscompose/nginx:1
    command: [nginx, -t, -c, /etc/nginx/nginx.conf]
    volumes:
      - ./prepared/config/nginx:/etc/nginx
      - ./data/secret/cert:/etc/cert
  portal:
    image: tscompose/nginx:1
    command: [nginx, -t]
    volumes:
      - ./prepared/config/portal/nginx.conf:/etc/nginx/nginx.conf
  log:
    image: tscompose/rsyslog:8
    command: [sh, -c, 'echo "include(file=\\"/etc/rsyslog.d/*.conf\\")" > /tmp/all.conf && rsyslogd -N1 -f /tmp/all.conf']
    volumes:
      - ./prepared/config/log/rsyslog_docker.conf:/etc/rsyslog.d/rsyslog_docker.conf
  redis:
    image: tscompose/redis:7
  registry:
    image: tscompose/docker-registry:2.8
    command: [docker-registry, serve, /etc/registry/config.yml]
    depends_on: [redis]
    volumes:
      - ./data/registry:/storage
      - ./prepared/config/registry:/etc/registry
`;

/** The status of the registry's answer to somebody. */
const asked = (credentials: string, status: RegExp) =>
  eventually(async (world: World) => {
    const header = `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`;
    const argv = ['sh', '-c', 'wget -q -S -O /dev/null --header "$0" http://127.0.0.1:5000/v2/ 2>&1 || true', header];
    await expect.inside('registry', argv, status)(world);
  }, 60_000);

const succeeded = (service: string) =>
  eventually(async (world: World) => {
    await expect.state(service, 'exited')(world);
    await expect.exitCode(service, 0)(world);
  }, 60_000);

const password = async (world: World): Promise<string> => {
  const { readFile } = await import('node:fs/promises');
  return readFile(join(world.directory, 'prepared/secrets/registry-password'), 'utf8');
};

scenario('the programs that Harbor is made of take what was prepared for them')
  .images('nginx', 'rsyslog', 'redis', 'docker-registry')
  .act('prepare', (world) => {
    const data = join(world.directory, 'data');
    mkdirSync(data);
    writeFileSync(join(world.directory, 'settings.yaml'), `hostname: harbor.example.com\ndata_volume: ${data}\n`);
    prepareHarbor(world.directory);
    writeFileSync(join(world.directory, 'compose.yaml'), parts);
  })
  .step('up -d', ['up', '-d'])
  .act('nginx takes the configuration of the proxy', succeeded('proxy'))
  .act('and of the portal', succeeded('portal'))
  .act('rsyslog takes that of the log', succeeded('log'))
  .act("the registry lets core's user in", async (world) =>
    asked(`harbor_registry_user:${await password(world)}`, /200 OK/)(world),
  )
  .act('and nobody else', asked('harbor_registry_user:wrong', /401 Unauthorized/))
  .step('down', ['down', '-v'])
  .test();

test.run();
