import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzz } from '#tools/fuzz-loader.ts';

test('damaged inputs are loaded or refused, nothing else', async () => {
  const { inputs, failure } = await fuzz({ seconds: 2, atLeast: 60, seed: 7 });
  assert.is(failure, undefined);
  assert.ok(inputs >= 60);
});

test.run();
