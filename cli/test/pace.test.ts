import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { paceOf } from '../pace.ts';

test('goes on at once, gives others their turn after many lines, and waits for a slow reader', async () => {
  const stdout = new PassThrough({ highWaterMark: 4 });
  const pace = paceOf({ stdout, stderr: new PassThrough() });
  const waits = Array.from({ length: 256 }, () => pace());
  assert.equal(
    waits.map((one) => one !== undefined),
    [...Array(255).fill(false), true],
  );
  stdout.write('more than four');
  let isOver = false;
  const waiting = pace()?.then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.not.ok(isOver);
  stdout.resume();
  await waiting;
  assert.ok(isOver);
});

test('who waits for a reader is woken by the signal', async () => {
  const stdout = new PassThrough({ highWaterMark: 4 });
  const abort = new AbortController();
  stdout.write('more than four');
  const waiting = paceOf({ stdout, stderr: new PassThrough() })(abort.signal);
  abort.abort();
  assert.is(
    await waiting?.then(
      () => 'went on',
      (error: unknown) => (error as Error).name,
    ),
    'AbortError',
  );
});

test.run();
