// timeout: 400s
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTar } from '#runtime/test/images/tar-writer.ts';
import { makeAuthority } from '#runtime/test/registry/certificate-authority.ts';
import { startDockerRegistry } from '#runtime/test/registry/docker-registry.ts';
import { expect, scenario, type World } from '../scenario.ts';

const home = mkdtempSync('/tmp/tsc-registry-');
const authority = makeAuthority(join(home, 'ca'));
const tls = authority.issue({ name: 'server', subjectAltName: 'IP:127.0.0.1' });
const registry = await startDockerRegistry({ directory: join(home, 'registry'), tls, hasPassword: true });
process.once('exit', () => {
  registry.kill();
  rmSync(home, { recursive: true, force: true });
});
const host = `127.0.0.1:${registry.port}`;
const certs = ['--src-cert-dir', '--dest-cert-dir'].flatMap((flag) => [flag, join(home, 'etc', 'certs.d', host)]);
const archive = join(home, 'archive.tar');
const certificates = join(home, 'etc', 'certs.d', host);
// For the programs of this scenario.
process.env['TSCOMPOSE_CONFIG'] = join(home, 'etc', 'config.json');
process.env['DOCKER_CONFIG'] = join(home, 'docker');

/** skopeo, with the certificates and the password that tscompose stored. */
function skopeo(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('skopeo', ['--insecure-policy', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, REGISTRY_AUTH_FILE: join(home, 'docker', 'config.json') },
  });
  assert.is(status, 0, stderr);
  return stdout;
}

const image = (name: string): string => `${host}/team/${name}`;
const inFile = (world: World): string => readFileSync(join(world.directory, 'compose.yaml'), 'utf8');

scenario('a stack from a private registry: login, push, up, and what other tools wrote and read')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  ours: { image: "${image('ours:1')}", command: ["sleep", "600"], init: false, stop_signal: SIGKILL }
  copy: { image: "${image('copy:1')}", command: ["sleep", "600"], init: false, stop_signal: SIGKILL }
  gzip: { image: "${image('gzip:1')}", command: ["/bin/busybox", "sleep", "600"], init: false, stop_signal: SIGKILL, pull_policy: always }
`,
  })
  .step('an unknown authority is explained', ['login', '-u', 'me', '-p', 'secret', host], expect.exit(1))
  .act('with the place for its certificate', (world) => {
    assert.match(world.last.stderr, `${certificates}/ca.crt`);
    mkdirSync(certificates, { recursive: true });
    writeFileSync(join(certificates, 'ca.crt'), authority.pem);
  })
  .step('without a password nothing goes', ['image', 'pull', image('ours:1')], expect.exit(1))
  .act('and the command that helps is named', (world) => assert.match(world.last.stderr, `tscompose login ${host}`))
  .act('login by standard input', async (world) => {
    const done = await world.feed('secret', 'login', '-u', 'me', '--password-stdin', host);
    assert.is(done.status, 0, done.stderr);
    assert.match(inFile(world), host);
  })
  .step('a name in the registry', ['image', 'tag', 'tscompose/busybox:1', image('ours:1')])
  .step('push', ['image', 'push', image('ours:1')])
  .act('skopeo reads what we wrote, and writes it elsewhere', () => {
    skopeo('copy', '--format', 'oci', ...certs, `docker://${image('ours:1')}`, `docker://${image('copy:1')}`);
  })
  .act('an image with a plain layer that no cache of skopeo has seen', () => {
    const busybox = { name: 'bin/busybox', mode: 0o755, content: readFileSync('/bin/busybox') };
    writeFileSync(archive, writeTar([busybox, { name: 'id', content: randomUUID() }]));
  })
  .step('import', ['image', 'import', archive, image('plain:1')])
  .step('push', ['image', 'push', image('plain:1')])
  .act('skopeo gives it a gzip layer and a Docker manifest', () => {
    const form = ['--dest-compress-format', 'gzip', '--format', 'v2s2'];
    skopeo('copy', ...form, ...certs, `docker://${image('plain:1')}`, `docker://${image('gzip:1')}`);
  })
  .step('the local names go', ['image', 'rm', image('ours:1'), image('plain:1'), 'tscompose/busybox:1'])
  .step(
    'up fetches all three',
    ['up', '-d'],
    expect.state('ours', 'running'),
    expect.state('copy', 'running'),
    expect.state('gzip', 'running'),
  )
  .step('unchanged: nothing is fetched but what the policy wants', ['up', '-d'])
  .act('and the containers stay', (world) => assert.not.match(world.last.stderr, /Recreate|Image \S+ours:1 Pull/))
  .step('pull follows the file', ['pull', '--policy', 'missing'])
  .act('and says what is here', (world) => assert.match(world.last.stderr, /ours:1 Skipped image is already present locally/))
  .step('logout', ['logout', host])
  .step('down', ['down'])
  .test();

test.run();
