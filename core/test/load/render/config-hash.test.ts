import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configHash, networkHash, volumeHash } from '#core/load/render/config-hash.ts';
import { load } from '../project-fixture.ts';

async function hashOf(body: string) {
  const { project } = await load(`services: {a: {image: i, ${body}}, b: {image: i}}`, { profiles: ['*'] });
  const service = project.services['a'];
  assert.ok(service);
  return configHash(service);
}

test('hashes that Docker Compose gives', async () => {
  assert.is(await hashOf(''), 'b5503d15e9dfd8640ebae91969f22360eac34b863c420e1f1dfaa304737b96ce');
  const sleeping = { command: ['sleep', 'infinity'], entrypoint: null, image: 'alpine', networks: { default: null } };
  assert.is(configHash(sleeping), '63e2493f0925a832dea0ea442b62298560bbeac6edf294e098a22a6ca2bf9dec');
});

test('what does not change a container does not change the hash', async () => {
  const plain = await hashOf('');
  for (const body of ['build: .', 'pull_policy: always', 'scale: 3', 'depends_on: [b]', 'profiles: [p]', 'x-y: 1']) {
    assert.is(await hashOf(body), plain, body);
  }
  assert.is(await hashOf('deploy: {replicas: 2}'), await hashOf('deploy: {}'));
  assert.is.not(await hashOf('deploy: {}'), plain);
});

test('everything else does', async () => {
  const plain = await hashOf('');
  for (const body of [
    'command: x',
    'command: []',
    'labels: [a]',
    'attach: false',
    'develop: {watch: []}',
    'environment: [A]',
    'ports: [80]',
  ]) {
    assert.is.not(await hashOf(body), plain, body);
  }
});

test('networks and volumes', () => {
  assert.is(networkHash({ name: 'n', ipam: {} }).length, 64);
  assert.is.not(networkHash({ name: 'n', ipam: {} }), networkHash({ name: 'm', ipam: {} }));
  assert.is(volumeHash({ name: 'v' }), volumeHash({ name: 'v', driver: 'local' }));
  assert.is.not(volumeHash({ name: 'v' }), volumeHash({ name: 'v', driver: 'nfs' }));
});

test.run();
