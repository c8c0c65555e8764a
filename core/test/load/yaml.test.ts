import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, failures, load, model, projectFixture, serviceOf, warnings } from './project-fixture.ts';

const texts: Readonly<Record<string, string>> = {
  '2.50': '2.5',
  '1.0': '1',
  '1e3': '1000',
  '1234567.0': '1.234567e+06',
  '21000000.0': '2.1e+07',
  '1e-7': '1e-07',
  '999999.5': '999999.5',
  '0.0001': '0.0001',
  '2024-01-01': '2024-01-01 00:00:00 +0000 UTC',
  '2024-01-02T03:04:05Z': '2024-01-02 03:04:05 +0000 UTC',
  True: 'true',
  yes: 'yes',
  on: 'on',
  '010': '8',
  '0o17': '15',
  '0x1F': '31',
  '0b11': '3',
  '1_000': '1000',
  '0080': '80',
  '22:22': '22:22',
  '+5': '5',
  '-0x10': '-16',
  '9223372036854775807': '9223372036854775807',
  '18446744073709551615': '18446744073709551615',
  '"010"': '010',
  '!!str 010': '010',
  '!!binary aGVsbG8=': 'hello',
  '!unknown x': 'x',
  '~x': '~x',
  '.5': '0.5',
  '1.': '1',
  '1e': '1e',
};

for (const [written, expected] of Object.entries(texts)) {
  test(`the scalar ${written} is the text ${expected}`, async () => {
    const { labels } = await serviceOf(`labels:\n  k: ${written}`, { skipNormalization: false });
    assert.is(labels.k, expected);
  });
}

test('not-a-number and infinity are refused', async () => {
  assert.match(await failure('services: {a: {image: i, labels: {k: .inf}}}'), /^load.schema services.a.labels.k must be/);
  assert.match(await failure('services: {a: {image: i, labels: {k: .nan}}}'), /^load.schema/);
});

test('explicit keys win over merged ones wherever they stand, the first merged mapping over later ones', async () => {
  const { services } = await model(
    'x-a: &a {A: a, B: a, C: a}\nx-b: &b {B: b, D: b}\nservices:\n  s:\n    image: i\n    environment:\n      C: own\n      <<: [*a, *b]\n  t:\n    image: i\n    environment: {<<: {A: inline}, B: x}\n',
  );
  assert.equal(services.s.environment, { A: 'a', B: 'a', C: 'own', D: 'b' });
  assert.equal(services.t.environment, { A: 'inline', B: 'x' });
});

test('a merge key takes an alias of a list of mappings', async () => {
  const { services } = await model('x-l: &l [{A: 1}, {A: 2, B: 2}]\nservices: {s: {image: i, environment: {<<: *l}}}');
  assert.equal(services.s.environment, { A: '1', B: '2' });
});

test('a quoted merge key is an ordinary key', async () => {
  const { services } = await model('services: {s: {image: i, environment: {"<<": x}}}');
  assert.equal(services.s.environment, { '<<': 'x' });
});

test('a merge key with anything else is refused', async () => {
  assert.match(
    await failure('x-a: &a 1\nservices: {s: {image: i, environment: {<<: *a}}}'),
    /^load.merge-value map merge requires map/,
  );
});

test('repeated keys are refused with both places, also under tags and for merge keys', async () => {
  const [first] = await failures('services:\n  a:\n    image: i\n    command: x\n    image: j\n    command: !reset y\n');
  assert.is(first?.message, 'mapping key "image" already defined at line 3');
  assert.is(first?.related?.[0]?.at.start, 'services:\n  a:\n    '.length);
  const all = await failures('services:\n  a:\n    image: i\n    command: x\n    image: j\n    command: !reset y\n');
  assert.is(all.length, 2);
  assert.match(await failure('x-a: &a {}\nservices: {s: {<<: *a, <<: *a, image: i}}'), /^load.duplicate-key mapping key "<<"/);
});

test('keys must be text', async () => {
  for (const [text, key] of [
    ['123: x', '123'],
    ['services: {123: {image: i}}', '123'],
    ['services: {a: {image: i, environment: {true: x}}}', 'true'],
    ['services: {a: {image: i, environment: {null: x}}}', 'null'],
    ['networks: {n: {ipam: {config: [{1: x}]}}}', '1'],
  ] as const) {
    assert.is(await failure(text), `load.key-not-text non-string key: ${key}`);
  }
});

test('the top level must be a mapping', async () => {
  for (const text of ['1', '"hello"', '["hello"]', 'services: {}\n---\n', 'services: {}\n---\n# nothing\n']) {
    assert.is(await failure(text), 'load.not-a-mapping top-level object must be a mapping');
  }
});

test('an empty file is fine as an override, not alone', async () => {
  assert.is(await failure(''), 'load.empty empty compose file');
  assert.is(await failure('# only a comment\n'), 'load.empty empty compose file');
  const { services } = await model({ 'compose.yaml': 'services: {a: {image: i}}', 'compose.override.yaml': '' });
  assert.equal(Object.keys(services), ['a']);
});

test('later documents of a file override earlier ones', async () => {
  const { services } = await model('services: {a: {image: i, init: true}}\n---\nservices: {a: {image: j}}\n');
  assert.is(services.a.image, 'j');
  assert.is(services.a.init, true);
});

test('a byte order mark, a YAML directive and JSON are accepted', async () => {
  assert.is((await model('\uFEFFservices: {a: {image: i}}')).services.a.image, 'i');
  assert.is((await model('%YAML 1.2\n---\nservices: {a: {image: i}}')).services.a.image, 'i');
  assert.is((await model('{"services": {"a": {"image": "i"}}}')).services.a.image, 'i');
});

test('a service may be an alias of another, names may have dots', async () => {
  const { services } = await model('services:\n  test.unit: &a {image: i, ports: [80]}\n  a2: *a\n  test: *a\n');
  assert.equal(services.a2, services['test.unit']);
  assert.is(services['test.unit'].ports[0].target, 80);
});

test('an alias inside its own anchor is a cycle', async () => {
  assert.match(await failure('services:\n  a: &a\n    image: i\n    x-b: {<<: *a}\n'), /^load.alias-cycle cycle detected/);
  assert.match(await failure('x-a: &a [*a]'), /^load.alias-cycle/);
  assert.match(await failure('services: {a: *nowhere}'), /^load.unknown-anchor unknown anchor "nowhere"/);
});

test('an anchor may be defined again', async () => {
  const { services } = await model('x-1: &a {A: 1}\nservices:\n  s: {image: i, environment: *a}\n  t: &a {image: j}\n  u: *a\n');
  assert.equal(services.s.environment, { A: '1' });
  assert.is(services.u.image, 'j');
});

test('explicit types are followed, also for quoted text', async () => {
  const { labels } = await serviceOf('labels: {a: !!int "010", b: !!float 3, c: !!str 1, d: !!bool true}');
  assert.equal(labels, { a: '8', b: '3', c: '1', d: 'true' });
  assert.match(await failure('x-a: !!int x'), /^load.yaml-syntax YAML: cannot read "x" as !!int/);
  assert.match(await failure('x-a: !!bool yes'), /^load.yaml-syntax/);
});

test('bytes that are no text are refused, UTF-16 with a mark is read', async () => {
  await using fixture = await projectFixture({});
  const path = join(fixture.directory, 'compose.yaml');
  await writeFile(path, Buffer.from('services: {a: {image: "\xff\xfe"}}', 'latin1'));
  await fixture.load().then(
    () => assert.unreachable(),
    (error) => assert.is(error.message, 'not a text file: it is not valid UTF-8'),
  );
  assert.is(
    await failure('services: {a: {image: "\u0001"}}'),
    'load.not-text not a text file: control characters are not allowed',
  );
  await writeFile(path, Buffer.from('\ufeffservices: {a: {image: "é\ufffd"}}', 'utf16le'));
  assert.is((await fixture.load()).project.services['a']?.image, 'é\ufffd');
});

test('a tab as indentation is refused with advice', async () => {
  const [first] = await failures('services:\n\ta:\n\t\timage: i\n');
  assert.is(first?.code, 'load.yaml-syntax');
  assert.is(first?.hint, 'this line is indented with a tab; YAML wants spaces');
});

test('names that look like extensions are resources where names are free', async () => {
  const project = await model(
    'services:\n  x-foo: {image: i, volumes: ["x-v:/v"], networks: [x-n], secrets: [x-s], configs: [x-c]}\n  b: {image: i, depends_on: [x-foo]}\nvolumes: {x-v: }\nnetworks: {x-n: }\nsecrets: {x-s: {file: f}}\nconfigs: {x-c: {file: f}}\n',
  );
  assert.equal(Object.keys(project.services), ['b', 'x-foo']);
  assert.equal(Object.keys(project.volumes), ['x-v']);
  assert.equal(Object.keys(project.secrets), ['x-s']);
});

test('extensions are kept with their types', async () => {
  const { project } = await load('x-top: {a: [1, 2.5, null, true]}\nservices: {a: {image: i, x-own: hi, healthcheck: {x-h: 1}}}');
  assert.equal(JSON.parse(JSON.stringify(project.extensions)), { 'x-top': { a: [1, 2.5, null, true] } });
  assert.is(project.services['a']?.['x-own'], 'hi');
});

test('the obsolete version is reported once a file and dropped', async () => {
  assert.match((await warnings('version: "3.8"\nservices: {a: {image: i}}'))[0] ?? '', /`version` is obsolete/);
  assert.is(await failure('version: 3.8\nservices: {a: {image: i}}'), 'load.schema version must be a string, not the number 3.8');
});

test('sections and services must not be empty', async () => {
  assert.match(await failure('services:'), /^load.schema services must be a mapping, not empty/);
  assert.match(await failure('services: {a: }'), /^load.schema services.a must be a mapping, not empty/);
  assert.equal((await model('networks: {n: }\nservices: {}')).services, {});
  assert.equal((await model('name: foo')).services, {});
});

test.run();
