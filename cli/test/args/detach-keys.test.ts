import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { detachKeys, watchKeys } from '../../args/detach-keys.ts';

test('key sequences are letters and control keys', () => {
  assert.equal([...detachKeys('ctrl-p,ctrl-q')], [16, 17]);
  assert.equal([...detachKeys('a,ctrl-],ctrl-@')], [97, 29, 0]);
  for (const bad of ['', 'ctrl-', 'ctrl-P', 'ab', 'ä']) {
    assert.throws(
      () => detachKeys(bad),
      (error: unknown) => hasCode(error, 'cli.bad-flag-value'),
      bad,
    );
  }
});

test('a begun sequence is held back until it is complete or something else is typed', () => {
  const watch = watchKeys(detachKeys('ctrl-p,ctrl-q'));
  const take = (...bytes: number[]) => watch.take(Buffer.from(bytes));
  assert.equal([...(take(97, 16) ?? [])], [97]);
  assert.equal([...(take(98) ?? [])], [16, 98]);
  assert.equal([...(take(16, 16) ?? [])], [16]);
  assert.is(take(17), undefined);
});

test.run();
