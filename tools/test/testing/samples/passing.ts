import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('adds', () => assert.is(1 + 1, 2));
test('adds more', async () => assert.is(await Promise.resolve(3), 3));
test.run();
