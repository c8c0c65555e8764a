import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { placeOf } from '#core/load/place-of.ts';
import type { Origin } from '#core/load/request.ts';
import { positionOf, type Span } from '#core/source/span.ts';
import { load } from './project-fixture.ts';

const files = {
  'compose.yaml':
    'services:\n  web:\n    image: one\n    environment:\n      A: first\n    env_file: [web.env]\n    ports: ["80"]\n    command: a b\n',
  'compose.override.yaml': 'services:\n  web:\n    image: two\n    environment: [A=second, B=new]\n',
  'web.env': '# c\nC=from file\n',
};

function place(span: Span | undefined): string {
  if (span === undefined) return 'nowhere';
  const { line, column } = positionOf(span.file, span.start);
  return `${span.file.name}:${line}:${column}`;
}

test('every value knows where it was written and what it replaced', async () => {
  const { origins } = await load(files);
  const of = (...path: (string | number)[]): Origin | undefined => origins.get(JSON.stringify(path));
  assert.is(place(of('services', 'web', 'image')?.at), 'compose.override.yaml:3:12');
  assert.equal(of('services', 'web', 'image')?.replaced.map(place), ['compose.yaml:3:12']);
  assert.is(place(of('services', 'web', 'environment', 'A')?.at), 'compose.override.yaml:4:19');
  assert.equal(of('services', 'web', 'environment', 'A')?.replaced.map(place), ['compose.yaml:5:10']);
  assert.is(place(of('services', 'web', 'environment', 'B')?.at), 'compose.override.yaml:4:29');
  assert.is(place(of('services', 'web', 'environment', 'C')?.at), 'web.env:2:1');
  assert.is(place(of('services', 'web', 'ports', 0, 'target')?.at), 'compose.yaml:7:13');
});

test('what is implied points to what implies it', async () => {
  const { origins } = await load(files);
  assert.is(place(origins.get('["networks","default"]')?.at), 'compose.yaml:2:3');
});

test('an item of a list is found by its index, what is not written by what is around it', async () => {
  const { origins } = await load(files);
  assert.is(place(placeOf(origins, ['services', 'web', 'ports', '0', 'target'])), 'compose.yaml:7:13');
  assert.is(place(placeOf(origins, ['services', 'web', 'ports', '1'])), 'compose.yaml:7:12');
});

test('values of an extended file point there', async () => {
  const { origins } = await load({
    'compose.yaml': 'services: {a: {extends: {file: b.yaml, service: s}}}',
    'b.yaml': 'services:\n  s:\n    image: i\n',
  });
  assert.is(place(origins.get('["services","a","image"]')?.at), 'b.yaml:3:12');
});

test.run();
