import { test } from 'uvu';
import { skipFile } from '#tools/testing/skip.ts';

if (process.pid > 0) skipFile('needs a miracle');
test('fails', () => {
  throw new Error('not skipped');
});
test.run();
