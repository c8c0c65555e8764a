// timeout: 90s
import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadProject } from '#core/load/load-project.ts';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { prepareRegistry } from '../../../samples/registry/prepare.ts';
import { planOnEmptyMachine } from './plan-on-empty-machine.ts';

if (findProgram('openssl') === undefined) skipFile('needs openssl');

const sample = join(import.meta.dirname, '../../../samples/registry');

function stage(settings: string) {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-prepare-'));
  cpSync(sample, directory, {
    recursive: true,
    filter: (path) => !/\/(prepared|settings\.yaml|\.env|services|portal)$/.test(path),
  });
  const write = (text: string): void => writeFileSync(join(directory, 'settings.yaml'), text);
  write(settings);
  return {
    directory,
    write,
    read: (name: string): string => readFileSync(join(directory, 'prepared', name), 'utf8'),
    certificate: () => new X509Certificate(readFileSync(join(directory, 'prepared/certs/server.crt'))),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

test('makes a certificate for the name, which its authority signed', () => {
  using place = stage('hostname: registry.example.com\nhttps_port: 8443\n');
  prepareRegistry(place.directory);
  const authority = new X509Certificate(readFileSync(join(place.directory, 'prepared/ca/ca.crt')));
  assert.ok(authority.ca && !place.certificate().ca);
  assert.ok(place.certificate().verify(authority.publicKey));
  assert.is(place.certificate().subjectAltName, 'DNS:registry.example.com');
  assert.is(statSync(join(place.directory, 'prepared/certs/server.key')).mode & 0o777, 0o400);
  assert.match(readFileSync(join(place.directory, '.env'), 'utf8'), /^REGISTRY_ADDRESS=registry\.example\.com:8443$/m);
});

test('a second time it keeps secrets and certificates, and another name gets another certificate', () => {
  using place = stage('hostname: 192.0.2.7\n');
  prepareRegistry(place.directory);
  const [secrets, { fingerprint }] = [secretsOf(place), place.certificate()];
  prepareRegistry(place.directory);
  assert.equal(secretsOf(place), secrets);
  assert.is(place.certificate().fingerprint, fingerprint);
  assert.is(place.certificate().subjectAltName, 'IP Address:192.0.2.7');
  place.write('hostname: other.example.com\nadmin_password: too late for that\n');
  prepareRegistry(place.directory);
  assert.equal(secretsOf(place), secrets);
  assert.is(place.certificate().subjectAltName, 'DNS:other.example.com');
});

test('the file loads with what was prepared, and refuses without', async () => {
  using place = stage('hostname: registry.example.com\n');
  const load = () => loadProject({ cwd: place.directory, env: {}, files: [], envFiles: [], profiles: [], services: [] });
  const refused = await load().catch((error: unknown) => error);
  assert.match(String(refused), /run prepare\.ts first/);
  prepareRegistry(place.directory);
  const { project, warnings } = await load();
  assert.equal(warnings, []);
  assert.is(Object.keys(project.services).length, 9);
  for (const service of Object.values(project.services)) {
    assert.equal(service.cap_drop, ['ALL'], 'every service drops its capabilities');
    assert.is(service.restart, 'always');
    assert.ok(service.healthcheck, 'every service has a health check');
    assert.is(service.logging?.driver, service.image === 'tscompose/rsyslog:8' ? undefined : 'syslog');
  }
});

test('up brings the services up one after the other, as the sample says', async () => {
  using place = stage('hostname: registry.example.com\n');
  prepareRegistry(place.directory);
  const { project } = await loadProject({ cwd: place.directory, env: {}, files: [], envFiles: [], profiles: [], services: [] });
  assert.fixture(planOnEmptyMachine(project), readFileSync(join(sample, 'expected/plan.txt'), 'utf8'));
});

test('says all that is wrong with the settings, where and what to write', () => {
  using place = stage('hostname: -bad-\nhttps_port: 70000\nadmin_password: short\ncolour: red\n');
  const problems = [
    /settings\.yaml:1: hostname must be a name such as/,
    /settings\.yaml:2: https_port must be a number from 1 to 65535/,
    /settings\.yaml:3: admin_password must be a text of 8 characters/,
    /settings\.yaml:4: colour is not known; there are hostname,/,
  ];
  for (const problem of problems) assert.throws(() => prepareRegistry(place.directory), problem);
  place.write('hostname: [');
  assert.throws(() => prepareRegistry(place.directory), /settings\.yaml:1: /);
  rmSync(join(place.directory, 'settings.yaml'));
  assert.throws(() => prepareRegistry(place.directory), /copy settings\.example\.yaml/);
});

function secretsOf(place: { readonly directory: string; read(name: string): string }): Readonly<Record<string, string>> {
  const names = readdirSync(join(place.directory, 'prepared/secrets')).map((name) => `secrets/${name}`);
  return Object.fromEntries([...names, 'token/key.pem', 'ca/ca.key'].map((name) => [name, place.read(name)]));
}

test.run();
