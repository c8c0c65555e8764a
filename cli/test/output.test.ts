import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openOutput } from '../output.ts';
import { capture } from './capture.ts';

const warning = { code: 'a.b', severity: 'warning', message: 'careful\u001b[31m', hint: 'do this' } as const;

function opened(progress: 'plain' | 'json' | 'quiet') {
  const [stdout, stderr] = [capture(), capture()];
  const output = openOutput({
    host: { stdout, stderr },
    settings: { progress, colourError: false },
    print: (one) => `printed ${one.code}`,
  });
  return { output, stdout, stderr };
}

test('results go to stdout as they are, messages to stderr', () => {
  const { output, stdout, stderr } = opened('plain');
  output.result('no line break');
  output.diagnostic(warning);
  output.note('by the way');
  assert.is(stdout.text(), 'no line break');
  assert.is(stderr.text(), 'printed a.b\nby the way\n');
});

test('in json mode messages are objects without escapes', () => {
  const { output, stderr } = opened('json');
  output.diagnostic(warning);
  output.diagnostic({ ...warning, severity: 'error' });
  assert.equal(
    stderr
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { level: 'warning', message: 'careful', code: 'a.b', hint: 'do this' },
      { error: true, message: 'careful', code: 'a.b', hint: 'do this' },
    ],
  );
});

test('quiet leaves notes out, not warnings', () => {
  const { output, stderr } = opened('quiet');
  output.note('by the way');
  output.diagnostic(warning);
  assert.is(stderr.text(), 'printed a.b\n');
});

test('messages go through every view that is live, whichever ends first', () => {
  const { output, stderr } = opened('plain');
  const within = (name: string) =>
    output.within((write) => {
      stderr.write(`${name}(`);
      write();
      stderr.write(')');
    });
  const [outer, inner] = [within('a'), within('b')];
  output.note('x');
  outer();
  output.note('y');
  inner();
  assert.is(stderr.text(), 'a(b(x\n))b(y\n)');
});

test('messages go through the view that is live', () => {
  const { output, stderr } = opened('plain');
  const release = output.within((write) => {
    stderr.write('<');
    write();
    stderr.write('>');
  });
  output.note('inside');
  release();
  output.note('outside');
  assert.is(stderr.text(), '<inside\n>outside\n');
});

test.run();
