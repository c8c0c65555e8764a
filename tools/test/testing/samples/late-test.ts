import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('passes', () => assert.is(1, 1));
test.run();
test('is never run', () => assert.is(1, 2));
