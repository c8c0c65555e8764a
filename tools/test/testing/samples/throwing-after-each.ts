import { test } from 'uvu';
import * as assert from 'uvu/assert';

test.after.each(() => {
  throw new Error('the hook is broken');
});
test('fails', () => assert.is(1, 2));
test('would pass', () => assert.is(1, 1));
test.run();
