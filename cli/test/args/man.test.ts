import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { command } from '../../args/command.ts';
import { manPages } from '../../args/man.ts';

const copy = command({
  name: 'volume copy',
  summary: "Copy a volume's files",
  flags: {
    force: { type: 'boolean', alias: 'f', help: 'Even when it is used' },
    secret: { type: 'boolean', hidden: true, help: 'not shown' },
    to: { type: 'string', value: 'path', default: '.', help: '.hidden back\\slash' },
  },
  operands: [{ name: 'NAME', many: true }],
  examples: [{ line: 'volume copy data', does: 'copies it' }],
  run: async () => 0,
});

test('a page of the program and one of each command, safe for roff', () => {
  const [overview, page] = manPages({ program: 'tscompose', version: '1.2.3', globals: {}, commands: [copy] });
  assert.is(overview?.file, 'tscompose.1');
  assert.match(overview?.text ?? '', '.BR tscompose\\-volume\\-copy (1)\nCopy a volume\\(aqs files');
  assert.is(page?.file, 'tscompose-volume-copy.1');
  const text = page?.text ?? '';
  assert.match(text, '.TH TSCOMPOSE\\-VOLUME\\-COPY 1 "" "tscompose 1.2.3"');
  assert.match(text, 'tscompose volume copy [OPTIONS] NAME...');
  assert.match(text, '.TP\n.B \\-f, \\-\\-force\nEven when it is used');
  assert.match(text, '\n\\&.hidden back\\eslash');
  assert.match(text, '.B tscompose volume copy data\ncopies it');
  assert.not.match(text, 'not shown');
});

test.run();
