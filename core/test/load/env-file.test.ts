import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, model } from './project-fixture.ts';

async function environment(files: Readonly<Record<string, string>>, body: string, env: Readonly<Record<string, string>> = {}) {
  const { services } = await model({ ...files, 'compose.yaml': `services: {a: {image: i, ${body}}}` }, { env });
  assert.not('env_file' in services.a);
  return services.a.environment;
}

test('files come in order under the environment', async () => {
  const files = { 'one.env': 'A=1\nB=1\nC=1', 'two.env': 'B=2\nC=2' };
  assert.equal(await environment(files, 'env_file: [one.env, two.env], environment: {C: own}'), { A: '1', B: '2', C: 'own' });
});

test('a name without value in the environment wins over a file', async () => {
  const files = { 'one.env': 'A=1\nB=1' };
  assert.equal(await environment(files, 'env_file: one.env, environment: {A: }'), { A: null, B: '1' });
  assert.equal(await environment(files, 'env_file: one.env, environment: [A]', { A: 'os' }), { A: 'os', B: '1' });
});

test('values are expanded from the project, the service, then earlier files', async () => {
  const files = { 'one.env': 'H=one\nU=http://$H', 'two.env': 'H=two\nV=http://$H\nW=$S' };
  const body = 'env_file: [one.env, two.env], environment: {S: own}';
  assert.equal(await environment(files, body), { H: 'two', S: 'own', U: 'http://one', V: 'http://two', W: 'own' });
  assert.equal(await environment(files, body, { H: 'os' }), { H: 'two', S: 'own', U: 'http://os', V: 'http://os', W: 'own' });
});

test('options of the long form', async () => {
  assert.equal(await environment({ 'r.env': 'A="x" # y\nB=$C' }, 'env_file: [{path: r.env, format: raw}]'), {
    A: '"x" # y',
    B: '$C',
  });
  assert.equal(await environment({}, 'env_file: [{path: no.env, required: false}]'), undefined);
  assert.equal(await environment({ 'one.env': 'A=1' }, 'env_file: [one.env, {path: one.env, required: true}]'), { A: '1' });
});

test('faults: missing, unknown format, syntax', async () => {
  const of = (body: string, files = {}) => failure({ ...files, 'compose.yaml': `services: {a: {image: i, ${body}}}` });
  assert.is(await of('env_file: no.env'), 'load.service-env-file-not-found env file "@/no.env" of service "a" not found');
  assert.is(await of('env_file: [{path: e, format: x}]', { e: 'A=1' }), 'load.env-file-format unsupported env_file format "x"');
  assert.is(
    await of('env_file: e', { e: 'A=1\nB C=2' }),
    'load.env-file-syntax failed to read e: line 2: key cannot contain a space: "B C"',
  );
  assert.match(await of('env_file: d', { 'd/x': '' }), /is a directory/);
});

test('only enabled services read their files', async () => {
  const text = 'services: {a: {image: i}, b: {image: i, profiles: [p], env_file: no.env}}';
  assert.equal(Object.keys((await model(text)).services), ['a']);
  assert.match(await failure(text, { profiles: ['p'] }), /no.env/);
});

test('without env resolution the files stay listed and nothing is read', async () => {
  const text = 'services: {a: {image: i, env_file: [no.env, {path: n2.env, required: false, format: raw}], environment: {A: }}}';
  const { services } = await model(text, { skipEnvResolution: true, env: { A: 'x' } });
  assert.equal(services.a.env_file, [{ path: '@/no.env' }, { path: '@/n2.env', required: false, format: 'raw' }]);
  assert.equal(services.a.environment, { A: 'x' });
});

test('label files fill labels, written ones win', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, label_file: [one, two], labels: {C: own}}}',
    one: 'A=1\nB=$A\nC=1',
    two: 'D=$A',
  });
  assert.equal(services.a.labels, { A: '1', B: '1', C: 'own', D: '1' });
  assert.not('label_file' in services.a);
  assert.is(
    await failure('services: {a: {image: i, label_file: no}}'),
    'load.label-file-not-found label file "@/no" of service "a" not found',
  );
});

test.run();
