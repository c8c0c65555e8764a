import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, failures, load, model, type Options } from './project-fixture.ts';

const text = `services:
  a: {image: i}
  b: {image: i, profiles: [p]}
  c: {image: i, profiles: [p, q]}
  d: {image: i, profiles: [r], depends_on: {a: {condition: service_started}}}
`;

async function enabled(options: Options, file = text) {
  const { project } = await load(file, options);
  return Object.keys(project.services);
}

test('services without profiles and those with an active one are enabled', async () => {
  assert.equal(await enabled({}), ['a']);
  assert.equal(await enabled({ profiles: ['p'] }), ['a', 'b', 'c']);
  assert.equal(await enabled({ profiles: ['q', 'r'] }), ['a', 'c', 'd']);
  assert.equal(await enabled({ profiles: ['*'] }), ['a', 'b', 'c', 'd']);
  assert.equal(await enabled({ env: { COMPOSE_PROFILES: 'r, q' } }), ['a', 'c', 'd']);
  assert.equal(await enabled({ env: { COMPOSE_PROFILES: 'r' }, profiles: ['p'] }), ['a', 'b', 'c']);
  assert.equal(await enabled({}, 'services: {a: {image: i, profiles: [""]}}'), ['a']);
});

test('the others are kept apart', async () => {
  const { project } = await load(text);
  assert.equal(Object.keys(project.disabledServices), ['b', 'c', 'd']);
});

test('naming a service activates its profiles and keeps its dependencies', async () => {
  assert.equal(await enabled({ services: ['d'] }), ['a', 'd']);
  assert.equal(await enabled({ services: ['b'] }), ['b']);
  assert.equal(await enabled({ services: ['d'], withoutDependencies: true }), ['d']);
  const { services } = await model(text, { services: ['d'], withoutDependencies: true });
  assert.not('depends_on' in services.d);
});

test('siblings that a named service enables are not checked, itself is', async () => {
  const file = (volume: string) =>
    `services: {a: {image: i, profiles: [p]${volume}}, broken: {image: i, profiles: [p], networks: [none]}, c: {image: i}}`;
  assert.equal(await enabled({ services: ['a'] }, file('')), ['a']);
  assert.match(await failure(file(', volumes: ["none:/x"]'), { services: ['a'] }), /undefined volume "none"/);
  assert.match(await failure(file(''), { profiles: ['p'] }), /undefined network "none"/);
});

test('a dependency of a named service in another profile is not there', async () => {
  const file = 'services: {a: {image: i, profiles: [p], depends_on: [dep]}, dep: {image: i, profiles: [q]}}';
  assert.is(await failure(file, { services: ['a'] }), 'model.no-such-service no such service: dep');
});

test('names may be patterns', async () => {
  const file = 'services: {web1: {image: i}, web2: {image: i}, db: {image: i}}';
  assert.equal(await enabled({ services: ['web*'] }, file), ['web1', 'web2']);
  assert.equal(await enabled({ services: ['web?', 'd[abc]'] }, file), ['db', 'web1', 'web2']);
});

test('an unknown service is refused with the nearest name', async () => {
  const [first] = await failures('services: {frontend: {image: i}}', { services: ['fronted'] });
  assert.is(first?.message, 'no such service: fronted');
  assert.is(first?.hint, 'did you mean "frontend"?');
});

test('a dependency in an inactive profile is missing unless it is optional', async () => {
  const of = (required: boolean) =>
    `services: {a: {image: i, depends_on: {b: {condition: service_started, required: ${required}}}}, b: {image: i, profiles: [p]}}`;
  const [first] = await failures(of(true));
  assert.is(first?.message, 'service "a" depends on undefined service "b"');
  assert.is(first?.hint, 'it is in profile "p", which is not active');
  assert.equal(await enabled({}, of(false)), ['a']);
  assert.match(
    await failure('services: {a: {image: i, depends_on: {zz: {condition: service_started, required: false}}}}'),
    /depends on undefined service "zz"/,
  );
});

test('what only disabled services use is left out, unless asked for', async () => {
  const file =
    'services: {a: {image: i, volumes: ["used:/x"]}, b: {image: i, profiles: [p], volumes: ["unused:/x"], networks: [n]}}\nvolumes: {used: , unused: }\nnetworks: {n: }\nsecrets: {s: {file: f}}\nconfigs: {c: {file: f}}';
  const project = await model(file);
  assert.equal(Object.keys(project.volumes), ['used']);
  assert.equal(Object.keys(project.networks), ['default']);
  assert.equal(project.secrets, {});
  const all = await model(file, { allResources: true });
  assert.equal(Object.keys(all.volumes), ['unused', 'used']);
  assert.equal(Object.keys(all.networks), ['default', 'n']);
  assert.equal(Object.keys(all.secrets), ['s']);
});

test('a secret for the build counts as used', async () => {
  const project = await model('services: {a: {build: {context: ., secrets: [s]}}}\nsecrets: {s: {file: f}}');
  assert.equal(Object.keys(project.secrets), ['s']);
});

test.run();
