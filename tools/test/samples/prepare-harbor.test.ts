// timeout: 120s
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { loadProject } from '#core/load/load-project.ts';
import { findProgram } from '#runtime/host/programs.ts';
import { skipFile } from '#tools/testing/skip.ts';
import { hashPassword, isPassword } from '../../../samples/harbor/prepare/bcrypt.ts';
import { prepareHarbor } from '../../../samples/harbor/prepare.ts';
import { openssl } from '../../../samples/prepare/openssl.ts';
import { planOnEmptyMachine } from './plan-on-empty-machine.ts';

if (findProgram('openssl') === undefined) skipFile('needs openssl');

const sample = join(import.meta.dirname, '../../../samples/harbor');

/** Prepared once: making keys takes seconds. */
const first = prepared(sample, '');
process.once('exit', () => rmSync(first.directory, { recursive: true, force: true }));

/** What the tests look at, or a copy of it that was prepared again with other settings: keys are kept. */
function stage(more?: string) {
  return more === undefined ? { ...first, [Symbol.dispose]: () => {} } : prepared(first.directory, more);
}

function prepared(from: string, more: string) {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-harbor-'));
  const data = join(directory, 'data');
  cpSync(from, directory, { recursive: true });
  rmSync(join(directory, 'prepared/secrets/admin-password'), { force: true });
  writeFileSync(join(directory, 'settings.yaml'), `hostname: harbor.example.com\ndata_volume: ${data}\n${more}`);
  prepareHarbor(directory);
  return {
    directory,
    data,
    read: (name: string): string => readFileSync(join(directory, name), 'utf8'),
    load: () => loadProject({ cwd: directory, env: {}, files: [], envFiles: [], profiles: [], services: [] }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Every file below a directory with its content. */
function contentOf(directory: string): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [relative(directory, path), readFileSync(path, 'latin1')]));
}

test('the file loads without a word, and every file that it mounts is there', async () => {
  using place = stage();
  const { project, warnings } = await place.load();
  assert.equal(warnings, []);
  const services = 'core jobservice log portal postgresql proxy redis registry registryctl';
  assert.is(Object.keys(project.services).sort().join(' '), services);
  for (const [name, service] of Object.entries(project.services)) {
    for (const volume of service.volumes ?? []) assert.ok(existsSync(String(volume.source)), `${name} mounts ${volume.source}`);
    assert.equal(service.cap_drop, ['ALL'], name);
    assert.is(service.restart, 'always', name);
    assert.match(service.image ?? '', /^goharbor\/[\w-]+:v2\.15\.2$/);
  }
});

test('up brings the services up in the order that Harbor needs', async () => {
  using place = stage();
  const { project } = await place.load();
  assert.fixture(planOnEmptyMachine(project), readFileSync(join(sample, 'expected/plan.txt'), 'utf8'));
});

test('the settings switch on the scanner and the exporter', async () => {
  using place = stage('trivy: true\nmetrics: true\nversion: v2.14.3\n');
  const { project } = await place.load();
  assert.is(Object.keys(project.services).length, 11);
  assert.is(project.services['core']?.environment?.['WITH_TRIVY'], 'true');
  assert.match(project.services['trivy-adapter']?.image ?? '', /:v2\.14\.3$/);
  assert.is(project.services['redis']?.image, 'goharbor/redis-photon:v2.14.3', 'before it was Valkey');
});

test('a password arrives as it was written', async () => {
  using place = stage('admin_password: "a $HOME \\"#b\\""\n');
  const { project } = await place.load();
  assert.is(project.services['core']?.environment?.['HARBOR_ADMIN_PASSWORD'], 'a $HOME "#b"');
});

test('a second time everything is the same to the byte', () => {
  using place = stage();
  const before = contentOf(place.directory);
  prepareHarbor(place.directory);
  assert.equal(contentOf(place.directory), before);
});

test('services agree about their secrets', async () => {
  using place = stage();
  const { project } = await place.load();
  const of = (service: string, name: string) => project.services[service]?.environment?.[name];
  const [user, hash] = place.read('prepared/config/registry/passwd').trim().split(':');
  assert.is(user, of('core', 'REGISTRY_CREDENTIAL_USERNAME'));
  assert.ok(isPassword(of('core', 'REGISTRY_CREDENTIAL_PASSWORD') ?? '', hash ?? ''));
  assert.is(of('postgresql', 'POSTGRES_PASSWORD'), of('core', 'POSTGRESQL_PASSWORD'));
  for (const service of ['jobservice', 'registryctl']) {
    for (const name of ['CORE_SECRET', 'JOBSERVICE_SECRET']) assert.is(of(service, name), of('core', name), `${service} ${name}`);
  }
  assert.is(of('core', 'CSRF_KEY')?.length, 32);
  assert.is(readFileSync(join(place.data, 'secret/keys/secretkey'), 'utf8').length, 16);
});

test('certificates are good, keys are for their readers alone', () => {
  using place = stage();
  const path = (name: string): string => join(place.data, name);
  const words = ['verify', '-CAfile', join(place.directory, 'prepared/ca/ca.crt'), '-verify_hostname', 'harbor.example.com'];
  assert.match(openssl([...words, '-purpose', 'sslserver', path('secret/cert/server.crt')]), /: OK/);
  const modulus = (kind: string, file: string): string => openssl([kind, '-noout', '-modulus', '-in', path(file)]);
  assert.is(modulus('rsa', 'secret/core/private_key.pem'), modulus('x509', 'secret/registry/root.crt'));
  for (const name of ['cert/server.key', 'core/private_key.pem', 'keys/secretkey'])
    assert.is(statSync(path(`secret/${name}`)).mode & 0o777, 0o400, name);
  assert.is(statSync(path('database')).mode & 0o777, 0o700);
});

test('YAML is YAML', () => {
  using place = stage();
  assert.is(parse(place.read('prepared/config/registry/config.yml')).storage.filesystem.rootdirectory, '/storage');
  assert.is(
    parse(place.read('prepared/config/jobservice/config.yml')).worker_pool.redis_pool.redis_url.slice(0, 20),
    'redis://redis:6379/2',
  );
  assert.is(parse(place.read('prepared/config/registryctl/config.yml')).registry_config, '/etc/registry/config.yml');
});

test('bcrypt is what others take for it', () => {
  // From the test vectors of John the Ripper.
  for (const [password, hash] of [
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ] as const)
    assert.ok(isPassword(password, hash), password);
  assert.not.ok(isPassword('other', hashPassword('password')));
  assert.not.ok(isPassword('password', 'nonsense'));
});

test.run();
