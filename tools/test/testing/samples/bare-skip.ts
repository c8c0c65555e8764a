import { test } from 'uvu';
import * as assert from 'uvu/assert';

test.skip('fails', () => assert.is(1, 2));
test('passes', () => assert.is(1, 1));
test.run();
