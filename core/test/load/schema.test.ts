import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { casts } from '#core/load/02-interpolate.pass.ts';
import { mergeRules } from '#core/load/05-merge.pass.ts';
import { identities } from '#core/load/06-unique.pass.ts';
import { canonicalRules } from '#core/load/08-canonical.pass.ts';
import { defaultRules } from '#core/load/09-defaults.pass.ts';
import { valueChecks } from '#core/load/10-values.pass.ts';
import { patternsOf } from '#core/load/path-table.ts';
import { pathRules } from '#core/load/paths.ts';
import { sections } from '#core/model/project-shape.ts';
import type { Shape } from '#core/model/shape.ts';
import { compileSchema } from '#tools/compile-schemas.ts';
import { failures } from './project-fixture.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const schemaUrl = new URL('../../../schemas/compose-spec.json', import.meta.url);
const root: Schema = JSON.parse(readFileSync(schemaUrl, 'utf8'));

function resolve(schema: Schema | undefined): Schema {
  const name = schema?.$ref?.replace('#/definitions/', '');
  return name === undefined ? (schema ?? {}) : resolve(root.definitions?.[name]);
}

/** The schema of a place given as a pattern, `undefined` when there is none. */
function schemaAt(pattern: readonly string[]): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const segment of pattern) {
    const current = resolve(schema);
    if (segment === '[]') schema = current.items;
    else {
      const free = Object.entries(current.patternProperties ?? {}).find(([name]) => name !== '^x-')?.[1];
      schema = current.properties?.[segment] ?? free;
    }
    if (schema === undefined) return undefined;
  }
  return schema;
}

const tables = { casts, mergeRules, identities, canonicalRules, defaultRules, valueChecks, pathRules };

for (const [name, table] of Object.entries(tables)) {
  test(`every place in ${name} exists in the schema`, () => {
    const patterns = patternsOf(table as Parameters<typeof patternsOf>[0]);
    assert.ok(patterns.length > 0);
    for (const pattern of patterns) assert.ok(schemaAt(pattern), pattern.join(' '));
  });
}

test('the model and the schema have the same members', () => {
  // Consumed while loading, or accepted and lost as in the reference.
  const onlyInSchema = new Set(['services * pull_refresh_after']);
  compare([], {
    kind: 'struct',
    hasExtensions: true,
    fields: Object.entries(sections).map(([name, shape]) => ({ name, shape, when: 'omit' })),
  });

  function compare(path: readonly string[], shape: Shape): void {
    const schema = resolve(schemaAt(path));
    if (shape.kind === 'map') compare([...path, '*'], shape.value);
    if (shape.kind === 'list') compare([...path, '[]'], shape.item);
    if (shape.kind !== 'struct') return;
    const inModel = shape.fields.map((field) => field.name);
    const extra = path.length === 0 ? ['version', 'name', 'include'] : [];
    for (const name of Object.keys(schema.properties ?? {})) {
      const place = [...path, name].join(' ');
      if (!onlyInSchema.has(place) && !extra.includes(name)) assert.ok(inModel.includes(name), `the model lacks ${place}`);
    }
    for (const field of shape.fields) {
      if (field.hidden === true || ['secrets', 'configs', 'hook', 'limits', 'reservations'].some((part) => path.includes(part)))
        continue;
      if (field.name === 'image' || field.name === 'per_replica') continue; // hooks of the three kinds share one shape
      assert.ok(schema.properties?.[field.name], `the schema lacks ${[...path, field.name].join(' ')}`);
      compare([...path, field.name], field.shape);
    }
  }
});

test('the compiled validator is that of the schema', async () => {
  const compiled = readFileSync(new URL('../../../schemas/compose-spec.validate.js', import.meta.url), 'utf8');
  assert.is(await compileSchema(root), compiled);
});

const hints: readonly [text: string, message: string, hint: string | undefined][] = [
  ['services: {a: {image: i, portz: []}}', 'services.a has the unknown attribute "portz"', 'did you mean "ports"?'],
  ['servces: {a: {image: i}}', 'the file has the unknown attribute "servces"', 'did you mean "services"?'],
  [
    'web: {image: i}\nservices: {}',
    'the file has the unknown attribute "web"',
    'is "web" a service? indent it under `services:`',
  ],
  [
    'services: {a: {image: i}, environment: [A=1]}',
    'services.environment must be a mapping, not a list',
    '"environment" is an attribute of a service; is it indented too little?',
  ],
  [
    'services: {a: {image: i, deploy: {labels: {}, ports: []}}}',
    'services.a.deploy has the unknown attribute "ports"',
    '"ports" belongs to the service; is it indented too far?',
  ],
  [
    'services: {a: {image: i, zzzzzzz: 1}}',
    'services.a has the unknown attribute "zzzzzzz"',
    'names of your own start with "x-"',
  ],
  ['services: {"a b": {image: i}}', 'services has a name that is not allowed: "a b"', 'use letters, digits, ".", "_" and "-"'],
  ['services: {a: }', 'services.a must be a mapping, not empty', 'a service needs at least `image:` or `build:`'],
  [
    'services: {a: {image: i, healthcheck: {tst: x}}}',
    'services.a.healthcheck has the unknown attribute "tst"',
    'did you mean "test"?',
  ],
  ['services: {a: {image: i, init: [x]}}', 'services.a.init must be a boolean or string, not a list', undefined],
];

for (const [text, message, hint] of hints) {
  test(`${text.replaceAll('\n', ' ')} is explained`, async () => {
    const [first] = await failures(text);
    assert.is(first?.message, message);
    assert.is(first?.hint, hint);
  });
}

test('all violations are reported, each at its key', async () => {
  const found = await failures('services:\n  a:\n    imagee: i\n    ports: x\n  b:\n    build: [x]\n    init: {}\n');
  const places = found.map((one) => one.at?.file.text.slice(one.at.start, one.at.end).trim());
  assert.equal(places, ['imagee', 'x', '[x]', '{}']);
});

test.run();
