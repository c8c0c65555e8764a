import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest } from '#core/diagnostics/nearest.ts';

test('a mistyped name finds its neighbour', () => {
  assert.is(nearest('portz', ['ports', 'post', 'image']), 'ports');
  assert.is(nearest('enviroment', ['environment', 'env_file']), 'environment');
  assert.is(nearest('imgae', ['image']), 'image');
  assert.is(nearest('Image', ['image']), 'image');
});

test('what is too different finds nothing', () => {
  assert.is(nearest('zzz', ['ports', 'image']), undefined);
  assert.is(nearest('a', ['b']), 'b');
  assert.is(nearest('x', []), undefined);
});

test.run();
