// timeout: 1s
import { test } from 'uvu';

test('never ends', () => new Promise((resolve) => setTimeout(resolve, 60_000)));
test.run();
