// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, failures, model } from './project-fixture.ts';

test('a service starts from another of its file; command is replaced, lists append', async () => {
  const { services } = await model(
    'services:\n  bar: {image: bar, command: top, cap_add: [A]}\n  foo: {extends: bar, image: foo, cap_add: [B]}\n  baz: {extends: {service: foo}, command: [x, y]}\n',
  );
  assert.is(services.foo.image, 'foo');
  assert.equal(services.foo.command, ['top']);
  assert.equal(services.baz.command, ['x', 'y']);
  assert.equal(services.baz.cap_add, ['A', 'B']);
  assert.not('extends' in services.baz);
});

test('relative paths of another file are relative to that file', async () => {
  const { services } = await model({
    'compose.yaml':
      'services:\n  a: {extends: {file: one/c.yaml, service: s}}\n  b: {extends: {file: two/c.yaml, service: s}}\n  c: {extends: {file: one/c.yaml, service: t}}\n',
    'one/c.yaml': 'services:\n  s: {build: ., env_file: x.env, volumes: ["./d:/d", "/opt:/o"]}\n  t: {build: {target: x}}\n',
    'one/x.env': 'A=1\n',
    'two/c.yaml': 'services: {s: {build: {context: .., additional_contexts: {k: ./k}}}}',
  });
  assert.is(services.a.build.context, '@/one');
  assert.equal(services.a.environment, { A: '1' });
  assert.equal(
    services.a.volumes.map((mount: { source: string }) => mount.source),
    ['@/one/d', '/opt'],
  );
  assert.is(services.b.build.context, '@');
  assert.is(services.b.build.additional_contexts.k, '@/two/k');
  // A context that is not written is the project's directory, since defaults come last.
  assert.is(services.c.build.context, '@');
});

test('rebasing happens even when paths are not resolved', async () => {
  const { services } = await model(
    { 'compose.yaml': 'services: {a: {extends: {file: one/c.yaml, service: s}}}', 'one/c.yaml': 'services: {s: {build: .}}' },
    { skipPathResolution: true },
  );
  assert.is(services.a.build.context, 'one');
});

test('a chain may cross files, each resolved once', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {extends: {file: sub/c.yaml, service: s}}}',
    'sub/c.yaml': 'services:\n  s: {extends: t}\n  t: {extends: {file: deep/d.yaml, service: u}, build: ..}\n',
    'sub/deep/d.yaml': 'services: {u: {image: x, init: true, volumes: ["./v:/v"]}}',
  });
  assert.is(services.a.build.context, '@');
  assert.is(services.a.init, true);
  assert.is(services.a.volumes[0].source, '@/sub/deep/v');
});

test('short forms of the base are understood', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, extends: {file: b.yaml, service: s}, ports: ["8000:8000"]}}',
    'b.yaml': 'services: {s: {ports: ["8000:8000"], ulimits: {nproc: 5}}}',
  });
  assert.is(services.a.ports.length, 1);
  assert.equal(services.a.ulimits, { nproc: 5 });
});

test('the base is interpolated with the environment of the project', async () => {
  const { services } = await model(
    { 'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: s}}}', 'b.yaml': 'services: {s: {image: "i:${V}"}}' },
    { env: { V: '7' } },
  );
  assert.is(services.a.image, 'i:7');
});

test('tags act on the base along the chain', async () => {
  const { services } = await model(
    'services:\n  root: {image: i, depends_on: [x], command: a}\n  mid: {extends: root, depends_on: !override [y], command: !reset }\n  leaf: {extends: mid, depends_on: [z]}\n  x: {image: i}\n  y: {image: i}\n  z: {image: i}\n',
  );
  assert.equal(Object.keys(services.leaf.depends_on), ['y', 'z']);
  assert.equal(services.mid.command, null);
});

test('a base that is null leaves the service as it is', async () => {
  const { services } = await model({
    'compose.yaml': 'services: {a: {image: i, extends: {file: b.yaml, service: s}}}',
    'b.yaml': 'services: {s: }',
  });
  assert.equal(services.a.extends, { file: '@/b.yaml', service: 's' });
});

test('an extended service brings its dependencies, which must exist', async () => {
  const files = {
    'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: s}}}',
    'b.yaml': 'services: {s: {image: i, depends_on: [zot]}, zot: {image: i}}',
  };
  assert.is(await failure(files), 'model.undefined-service service "a" depends on undefined service "zot"');
});

test('what cannot be found is named, with the nearest name', async () => {
  const [first] = await failures('services: {a: {extends: basse}, base: {image: i}}');
  assert.match(first?.message ?? '', /^cannot extend service "a": service "basse" not found in .*compose.yaml$/);
  assert.is(first?.hint, 'did you mean "base"?');
  assert.is(await failure('services: {a: {extends: {file: b.yaml}}}'), 'load.extends-form extends.a.service is required');
  assert.match(
    await failure('services: {a: {extends: {file: no.yaml, service: s}}}'),
    /^load.file-not-found cannot read "@\/no.yaml": no such file/,
  );
});

test('a service of an earlier file cannot be extended without naming the file', async () => {
  const text = await failure({
    'compose.yaml': 'services: {base: {image: i}}',
    'compose.override.yaml': 'services: {a: {extends: base}}',
  });
  assert.match(text, /^load.extends-unknown/);
});

test('cycles are found, within a file and across files', async () => {
  assert.match(
    await failure('services: {a: {extends: b}, b: {extends: a}}'),
    /^load.extends-cycle Circular reference: a in .* extends b in .* extends a in/,
  );
  assert.match(await failure('services: {a: {extends: a}}'), /^load.extends-cycle/);
  const across = await failure({
    'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: b}}}',
    'b.yaml': 'services: {b: {extends: {file: compose.yaml, service: a}}}',
  });
  assert.match(across, /^load.extends-cycle/);
});

test.run();
