import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readYaml } from '#core/source/read-yaml.ts';
import { toPlain } from '#core/source/tree.ts';

function read(text: string) {
  const { documents, problems } = readYaml({ name: 'f', path: undefined, text });
  assert.equal(problems, []);
  return JSON.parse(JSON.stringify(documents.map(toPlain)))[0];
}

test('flow collections may be indented in any way', () => {
  assert.equal(read('a: [\nb,\nc\n]\nd: e'), { a: ['b', 'c'], d: 'e' });
  assert.equal(read('a: {\nb: c,\n  d: [\ne]\n}\nf: g'), { a: { b: 'c', d: ['e'] }, f: 'g' });
  assert.equal(read('s:\n  a:\n    c: [\n      "x",\n    ]\n    d: e'), { s: { a: { c: ['x'], d: 'e' } } });
  assert.equal(read('s:\n  - [\n a,\nb ]\n  - c'), { s: [['a', 'b'], 'c'] });
  assert.equal(read('s:\n  a: [x,\n y z\nw]\n  b: c'), { s: { a: ['x', 'y z w'], b: 'c' } });
});

test('quoted texts may be continued at any indentation', () => {
  assert.equal(read('a: "x\ny"\nb: c'), { a: 'x y', b: 'c' });
  assert.equal(read("s:\n  a: 'x\n\n y'\n  b: c"), { s: { a: 'x\ny', b: 'c' } });
  assert.equal(read('s:\n  - "x\\\n y"\n  - z'), { s: ['xy', 'z'] });
});

test('what is left open is still a fault', () => {
  for (const text of ['a: [b, c', 'a: {b: c', 'a: "b\nc: d', "a: 'b\nc: d", 'a: [\n---\nb: c']) {
    assert.ok(readYaml({ name: 'f', path: undefined, text }).problems.length > 0, text);
  }
});

test.run();
