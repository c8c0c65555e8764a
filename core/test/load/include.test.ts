// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, model } from './project-fixture.ts';

test('resources are imported, names and extensions are not', async () => {
  const project = await model({
    'compose.yaml': 'include: [sub/inc.yaml]\nservices: {a: {image: i, depends_on: [b]}}',
    'sub/inc.yaml':
      'name: other\nx-e: 1\nservices: {b: {image: i, build: ., volumes: ["./d:/d", "vol:/v"], networks: [n], secrets: [s]}}\nvolumes: {vol: }\nnetworks: {n: }\nsecrets: {s: {file: ./s.txt}}\n',
  });
  assert.is(project.name, 'project');
  assert.is(project.services.b.build.context, '@/sub');
  assert.is(project.services.b.volumes[0].source, '@/sub/d');
  assert.is(project.secrets.s.file, '@/sub/s.txt');
  assert.equal(Object.keys(project.volumes), ['vol']);
  assert.equal(Object.keys(project.networks).sort(), ['default', 'n']);
  assert.equal(project.extensions, {});
});

test('an env file of an include gives values there, the environment wins', async () => {
  const files = {
    'compose.yaml': 'include:\n- {path: inc.yaml, env_file: inc.env}\nservices: {a: {image: "i:${SOURCE:-none}"}}',
    'inc.yaml': 'services: {b: {image: i, container_name: "${SOURCE}"}}',
    'inc.env': 'SOURCE=file\n',
  };
  const { services } = await model(files);
  assert.is(services.b.container_name, 'file');
  assert.is(services.a.image, 'i:none');
  assert.is((await model(files, { env: { SOURCE: 'outer' } })).services.b.container_name, 'outer');
});

test('the .env beside an included file is read', async () => {
  const { services } = await model({
    'compose.yaml': 'include: [sub/inc.yaml]',
    'sub/inc.yaml': 'services: {b: {image: "i:${T}"}}',
    'sub/.env': 'T=9\n',
  });
  assert.is(services.b.image, 'i:9');
});

test('only list-form names see the environment of the include', async () => {
  const { services } = await model({
    'compose.yaml': 'include:\n- {path: inc.yaml, env_file: inc.env}\nservices: {a: {image: i, environment: [VAR]}}',
    'inc.yaml': 'services: {b: {image: i, environment: [VAR]}, c: {image: i, environment: {VAR: }}}',
    'inc.env': 'VAR=x\n',
  });
  assert.equal(services.b.environment, { VAR: 'x' });
  assert.equal(services.c.environment, { VAR: null });
  assert.equal(services.a.environment, { VAR: null });
});

test('several paths are merged, the first gives the directory', async () => {
  const { services } = await model({
    'compose.yaml': 'include:\n- path: [sub/one.yaml, over/two.yaml]',
    'sub/one.yaml': 'services: {b: {image: i, volumes: ["./x:/x"]}}',
    'over/two.yaml': 'services: {b: {image: j, volumes: ["./y:/y"]}}',
  });
  assert.is(services.b.image, 'j');
  assert.equal(
    services.b.volumes.map((mount: { source: string }) => mount.source),
    ['@/sub/x', '@/sub/y'],
  );
});

test('a project directory of its own', async () => {
  const { services } = await model({
    'compose.yaml': 'include:\n- {path: defs/inc.yaml, project_directory: work}',
    'defs/inc.yaml': 'services: {b: {build: ./x, env_file: e.env, volumes: ["./v:/v"], extends: {file: ext.yaml, service: s}}}',
    'work/ext.yaml': 'services: {s: {init: true}}',
    'work/e.env': 'A=1\n',
  });
  assert.is(services.b.build.context, '@/work/x');
  assert.is(services.b.volumes[0].source, '@/work/v');
  assert.equal(services.b.environment, { A: '1' });
  assert.is(services.b.init, true);
});

test('includes nest', async () => {
  const { services } = await model({
    'compose.yaml': 'include: [a/1.yaml]',
    'a/1.yaml': 'include: [b/2.yaml]\nservices: {one: {build: .}}',
    'a/b/2.yaml': 'services: {two: {build: .}}',
  });
  assert.is(services.one.build.context, '@/a');
  assert.is(services.two.build.context, '@/a/b');
});

test('the same resource from two includes is fine; the local definition goes over included ones', async () => {
  const { services } = await model({
    'compose.yaml': 'include: [1.yaml, 2.yaml]\nservices: {bar: {environment: !override [ZOT=QIX]}}',
    '1.yaml': 'services: {bar: {image: i, environment: [A=1]}}',
    '2.yaml': 'services: {bar: {image: i, environment: [B=1]}}',
  });
  assert.is(services.bar.image, 'i');
  assert.equal(services.bar.environment, { ZOT: 'QIX' });
});

test('a later file overrides an included service', async () => {
  const { services } = await model({
    'compose.yaml': 'include: [inc.yaml]',
    'compose.override.yaml': 'services: {b: {image: mine}}',
    'inc.yaml': 'services: {b: {image: i}}',
  });
  assert.is(services.b.image, 'mine');
});

test('a service may extend one that is included', async () => {
  const { services } = await model({
    'compose.yaml': 'include: [inc.yaml]\nservices: {a: {extends: b, command: x}}',
    'inc.yaml': 'services: {b: {image: i}}',
  });
  assert.is(services.a.image, 'i');
});

test('an included secret from the environment takes it from there', async () => {
  const files = {
    'compose.yaml': 'include:\n- {path: inc.yaml, env_file: inc.env}',
    'inc.yaml': 'services: {b: {image: i, configs: [c]}}\nconfigs: {c: {environment: VAR}}',
    'inc.env': 'VAR=content\n',
  };
  assert.is((await model(files)).configs.c.content, 'content');
});

test('faults: form, missing file, cycle', async () => {
  assert.is(await failure('include: x.yaml'), 'load.include-not-list "include" must be a list');
  assert.is((await model('include: []\nservices: {a: {image: i}}')).services.a.image, 'i');
  assert.match(await failure('include: [no.yaml]'), /^load.file-not-found cannot read "@\/no.yaml": no such file/);
  assert.match(await failure({ 'compose.yaml': 'include: [sub]', 'sub/x': '' }), /is a directory/);
  assert.match(
    await failure({ 'compose.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [compose.yaml]' }),
    /^load.include-cycle include cycle detected: @\/compose.yaml includes @\/b.yaml includes @\/compose.yaml/,
  );
  assert.match(await failure('include: [compose.yaml]'), /^load.include-cycle/);
  assert.match(await failure('include:\n- {path: no.yaml, env_file: no.env}'), /^load.file-not-found/);
});

test.run();
