import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { model, serviceOf } from './project-fixture.ts';

test('services without networks are on the default one', async () => {
  const project = await model(
    'services: {a: {image: i}, b: {image: i, networks: {}}, c: {image: i, network_mode: host}, d: {provider: {type: x}}}',
  );
  assert.equal(project.services.a.networks, { default: null });
  assert.equal(project.services.b.networks, { default: null });
  assert.not('networks' in project.services.c);
  assert.not('networks' in project.services.d);
  assert.equal(project.networks, { default: { name: 'project_default', ipam: {} } });
});

test('there is no default network when nobody uses it', async () => {
  const project = await model('services: {a: {image: i, networks: [n]}}\nnetworks: {n: {driver: x}}');
  assert.equal(project.networks, { n: { name: 'project_n', driver: 'x', ipam: {} } });
});

test('names come from the key; external ones are the key', async () => {
  const project = await model(
    'services: {a: {image: i, networks: [n, e, m], volumes: ["vol:/v", "ext:/e"]}}\nnetworks: {n: , e: {external: true}, m: {name: mine}}\nvolumes: {vol: , ext: {external: true}}',
  );
  assert.equal(
    Object.values(project.networks).map((network) => (network as { name: string }).name),
    ['e', 'mine', 'project_n'],
  );
  assert.equal(project.volumes, { ext: { name: 'ext', external: true }, vol: { name: 'project_vol' } });
});

test('links, shared namespaces and volumes_from are dependencies', async () => {
  const others = 'b: {image: i}, c: {image: i}, d: {image: i}, e: {image: i}';
  const project = await model(
    `services: {a: {image: i, links: ["b:alias", c], ipc: "service:d", volumes_from: ["e:ro", "container:x"]}, ${others}}`,
  );
  const implied = (restart: boolean) => ({ condition: 'service_started', ...(restart ? { restart } : {}), required: true });
  assert.equal(project.services.a.depends_on, { b: implied(true), c: implied(true), d: implied(true), e: implied(false) });
});

test('a written dependency is left alone', async () => {
  const project = await model(
    'services: {a: {image: i, network_mode: "service:b", depends_on: {b: {condition: service_healthy}}}, b: {image: i}}',
  );
  assert.equal(project.services.a.depends_on, { b: { condition: 'service_healthy', required: true } });
});

test('build arguments and variables without value come from the environment', async () => {
  const service = await serviceOf('build: {args: [FOO, BAR]}\nenvironment: {FOO: , BAR: }', { env: { FOO: 'x' } });
  assert.equal(service.build.args, { FOO: 'x' });
  assert.equal(service.environment, { BAR: null, FOO: 'x' });
});

test('mount targets are cleaned', async () => {
  const { volumes } = await serviceOf('volumes: [{type: volume, target: /a//b/}, "/c/"]');
  assert.equal(
    volumes.map((mount: { target: string }) => mount.target),
    ['/a/b', '/c'],
  );
});

test('without normalisation nothing is implied', async () => {
  {
    const options = { skipNormalization: true };
    const project = await model(
      'services: {a: {image: i, build: ., links: [b], pull_policy: if_not_present}, b: {image: i}}',
      options,
    );
    assert.equal(project.services.a, {
      build: { context: '@' },
      command: null,
      entrypoint: null,
      image: 'i',
      links: ['b'],
      pull_policy: 'if_not_present',
    });
    assert.equal(project.networks, {});
  }
});

test.run();
