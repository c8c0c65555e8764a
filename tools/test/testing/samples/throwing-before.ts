import { test } from 'uvu';

test.before(() => {
  throw new Error('the hook is broken');
});
test('never runs', () => {});
test.run();
