import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logName, logPrinter } from '../../views/log-printer.ts';

const line = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({ stream, text, time: '2026-01-02T03:04:05.000000000Z' });

test('pads prefixes to the longest name so far and cycles colours', () => {
  let out = '';
  const printer = logPrinter({
    writeOut: (text) => (out += text),
    writeError: (text) => (out += text),
    colour: true,
    prefix: true,
  });
  printer.line('db-1', line('a'));
  printer.line('worker-1', line('b'));
  printer.line('db-1', line('c'));
  assert.is(out, '\x1b[36mdb-1  | \x1b[0ma\n\x1b[33mworker-1  | \x1b[0mb\n\x1b[36mdb-1      | \x1b[0mc\n');
});

test('keeps the streams apart and puts stamps after the prefix', () => {
  let out = '';
  let error = '';
  const printer = logPrinter({
    ...{ writeOut: (text: string) => (out += text), writeError: (text: string) => (error += text) },
    ...{ colour: false, prefix: true, stamp: (time: string) => `${time} ` },
  });
  printer.line('web-1', line('fine'));
  printer.line('web-1', line('bad', 'stderr'));
  printer.status('web-1 exited with code 0');
  assert.is(out, 'web-1  | 2026-01-02T03:04:05.000000000Z fine\n\r\x1b[Kweb-1 exited with code 0\n');
  assert.is(error, 'web-1  | 2026-01-02T03:04:05.000000000Z bad\n');
});

test('leaves the prefix out where asked', () => {
  let out = '';
  logPrinter({ writeOut: (text) => (out += text), writeError: () => {}, colour: true, prefix: false }).line('web-1', line('x'));
  assert.is(out, 'x\n');
});

test('shortens default names only', () => {
  const of = (name: string, project = 'p', service = 'web') => logName({ name, project, service });
  assert.is(of('p-web-1'), 'web-1');
  assert.is(of('p_web_12'), 'web_12');
  assert.is(of('p-web-x'), 'p-web-x');
  assert.is(of('mine'), 'mine');
});

test.run();
