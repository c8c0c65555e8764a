// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, failures, model, serviceFailure, serviceOf, warnings } from './project-fixture.ts';

test('numbers and booleans come from text', async () => {
  const env = { N: '555', B: 'true', S: '64m', D: '90s', F: '0.5' };
  const service = await serviceOf(
    'healthcheck: {retries: "$N", test: x}\nports: ["$N"]\nulimits: {nofile: {soft: 1, hard: "$N"}, nproc: "$N"}\nread_only: $B\nshm_size: $S\nstop_grace_period: $D\ncpus: $F\nscale: $N',
    { env },
  );
  assert.is(service.healthcheck.retries, 555);
  assert.is(service.ports[0].target, 555);
  assert.equal(service.ulimits, { nofile: { soft: 1, hard: 555 }, nproc: 555 });
  assert.is(service.read_only, true);
  assert.is(service.shm_size, '67108864');
  assert.is(service.stop_grace_period, '1m30s');
  assert.is(service.cpus, 0.5);
  assert.is(service.scale, 555);
});

test('old boolean words are taken where a boolean is wanted, with a warning', async () => {
  assert.is((await serviceOf('init: yes\ntty: "NO"')).init, true);
  const found = await warnings('services: {a: {image: i, init: yes, privileged: "on"}}');
  assert.equal(found.length, 2);
  assert.match(found[0] ?? '', /^services.a.init: "yes" is not a boolean in YAML 1.2/);
});

test('what cannot be read is refused with its place', async () => {
  assert.is(await serviceFailure('init: maybe'), 'interpolate.cast services.a.init: "maybe" is not true or false');
  assert.is(await serviceFailure('init: ""'), 'interpolate.cast services.a.init: "" is not true or false');
  assert.match(await serviceFailure('scale: x'), /"x" is not an integer$/);
  assert.match(await serviceFailure('cpus: x'), /"x" is not a number$/);
  assert.match(await serviceFailure('cpu_percent: "50.5"'), /^load.schema services.a.cpu_percent must be/);
  assert.match(await serviceFailure('build: {no_cache: "1"}'), /^load.value services.a.build.no_cache: must be true or false/);
});

test('keys and comments are left alone, everything else is expanded', async () => {
  const project = await model(
    'x-e: {k: "$V"}\nservices:\n  a:\n    # ${X:?}\n    image: i\n    labels: {"$V": "$V"}\n    command: echo $V $$HOME\nconfigs: {c: {content: "a $V"}}\n',
    { env: { V: 'val ue' }, allResources: true },
  );
  assert.equal(project.services.a.labels, { $V: 'val ue' });
  assert.equal(project.services.a.command, ['echo', 'val', 'ue', '$HOME']);
  assert.is(project.configs.c.content, 'a val ue');
  assert.equal(project.extensions, { 'x-e': { k: 'val ue' } });
});

test('an unset variable is reported once', async () => {
  assert.equal(await warnings('services: {a: {image: "i$X", hostname: "$X", labels: [a=$X]}}'), [
    'The "X" variable is not set. Defaulting to a blank string.',
  ]);
});

test('values are not expanded again', async () => {
  assert.is((await serviceOf('hostname: $D', { env: { D: '$A' } })).hostname, '$A');
});

test('all faults of a file come together, with their places', async () => {
  const found = await failures('services:\n  a:\n    image: ${U:?need it}\n    hostname: ${\n    labels: ["k=${A!}"]\n');
  assert.equal(
    found.map((one) => one.message),
    [
      'services.a.image: required variable U is missing a value: need it',
      'services.a.hostname: invalid interpolation format "${"',
      'services.a.labels[0]: invalid interpolation format "k=${A!}"',
    ],
  );
  assert.is(found[0]?.hint, 'set U in the environment or in .env');
});

test('a word cannot contain a line break, in a block text neither', async () => {
  assert.match(await failure('services: {a: {image: i}}\nconfigs: {c: {content: "${U:-a\\nb}"}}'), /^interpolate.invalid/);
});

test.run();
