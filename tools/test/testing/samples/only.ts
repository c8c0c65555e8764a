import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('fails', () => assert.is(1, 2));
test.only('passes', () => assert.is(1, 1));
test.run();
