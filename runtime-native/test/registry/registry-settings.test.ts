import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { readRegistrySettings } from '#runtime/host/registry-settings.ts';
import { isListedInsecure } from '#runtime/images/registry/insecure-match.ts';
import { registrySources } from '#runtime/images/registry/registry-sources.ts';

/** `/etc` of a machine, with these files. */
function etc(files: Readonly<Record<string, string | object>>): Disposable & { readonly path: string } {
  const path = mkdtempSync('/tmp/tsc-etc-');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const settingsOf = (path: string) => readRegistrySettings({ TSCOMPOSE_CONFIG: join(path, 'tscompose', 'config.json') }, path);

test("joins our settings with Docker's", () => {
  using machine = etc({
    'tscompose/config.json': {
      registries: { insecure: ['one.lan'], mirrors: { 'docker.io': ['https://ours.lan'], 'quay.io': ['q.lan'] } },
    },
    'docker/daemon.json': { 'insecure-registries': ['10.0.0.0/8'], 'registry-mirrors': ['https://docker.lan/'], debug: true },
  });
  const settings = settingsOf(machine.path);
  assert.equal(settings.insecure, ['one.lan', '10.0.0.0/8']);
  assert.equal(settings.mirrors['docker.io'], ['https://ours.lan', 'https://docker.lan/']);
  assert.equal(
    registrySources('docker.io', settings).mirrors.map((one) => one.registry),
    ['ours.lan', 'docker.lan'],
  );
  assert.is(registrySources('docker.io', settings).origin.host, 'registry-1.docker.io');
  assert.is(registrySources('quay.io', settings).mirrors.length, 1);
});

for (const [what, content] of [
  ['an unknown key', { registries: { insecur: [] } }],
  ['a list that is none', { registries: { insecure: 'one.lan' } }],
  ['mirrors without a registry', { registries: { mirrors: ['https://one.lan'] } }],
  ['a default that is no host', { registries: { default: 'https://one.lan/' } }],
] as const) {
  test(`refuses settings: ${what}`, () => {
    using machine = etc({ 'tscompose/config.json': content });
    try {
      settingsOf(machine.path);
      assert.unreachable();
    } catch (error) {
      assert.ok(hasCode(error, 'engine.settings-invalid'), String(error));
    }
  });
}

test('reads mirrors of containerd, a path before the repository, and certificates of both', () => {
  using machine = etc({
    'containerd/certs.d/docker.io/hosts.toml':
      'server = "https://hub.lan"\n[host."https://harbor.lan/v2/dockerhub"]\n  ca = "harbor.crt"\n[host."https://push.lan"]\n  capabilities = ["push"]\n',
    'containerd/certs.d/docker.io/harbor.crt': '-----BEGIN CERTIFICATE-----\nA',
    'docker/certs.d/harbor.lan/own.crt': '-----BEGIN CERTIFICATE-----\nB',
  });
  const { mirrors, origin } = registrySources('docker.io', settingsOf(machine.path));
  assert.equal(mirrors, [
    {
      registry: 'harbor.lan',
      host: 'harbor.lan',
      scheme: 'https',
      prefix: 'dockerhub/',
      certificates: { authorities: ['-----BEGIN CERTIFICATE-----\nB', '-----BEGIN CERTIFICATE-----\nA'] },
      isUnverified: false,
    },
  ]);
  assert.is(origin.host, 'hub.lan');
  assert.is(origin.registry, 'docker.io');
});

for (const [registry, listed, expected] of [
  ['one.lan', ['one.lan'], true],
  ['one.lan:5000', ['one.lan'], true],
  ['one.lan:5000', ['one.lan:5001'], false],
  ['one.lan:5000', ['http://one.lan:5000/'], true],
  ['10.1.2.3:5000', ['10.0.0.0/8'], true],
  ['11.1.2.3', ['10.0.0.0/8'], false],
  ['[fd00::1]:5000', ['fd00::/8'], true],
  ['localhost:5000', ['127.0.0.0/8', '::1/128'], true],
] as const) {
  test(`insecure: ${registry} in ${listed.join()} is ${expected}`, async () => {
    assert.is(await isListedInsecure(registry, listed), expected);
  });
}

test.run();
