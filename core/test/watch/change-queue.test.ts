import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change } from '#core/watch/change.ts';
import { changeQueue, quietMs } from '#core/watch/change-queue.ts';
import { rule } from './rules.ts';

const sync = rule();
const restart = rule({ action: 'restart', index: 1 });

function dueAfter(...changes: readonly (readonly [Change['kind'], string, Change['rule']?])[]): number | undefined {
  const queue = changeQueue();
  for (const [kind, path, of = sync] of changes) queue.add({ kind, path, rule: of }, 0);
  return queue.dueMs();
}

test('nothing is due without changes', () => {
  assert.is(dueAfter(), undefined);
});

test('a saved file is taken at once, also when a restart follows', () => {
  assert.is(dueAfter(['written', 'a']), quietMs.few);
  assert.is(dueAfter(['written', 'a', restart]), quietMs.few);
});

test('a file that is being written is waited for until it is closed', () => {
  assert.is(dueAfter(['open', 'a']), quietMs.settling);
  assert.is(dueAfter(['open', 'a'], ['written', 'a']), quietMs.few);
});

test('what has gone may come back', () => {
  assert.is(dueAfter(['gone', 'a']), quietMs.gone);
  assert.is(dueAfter(['gone', 'a'], ['written', 'a']), quietMs.few);
});

test('many files wait for the end of the burst, longer where something costly follows', () => {
  const many = Array.from({ length: 9 }, (_, index) => ['written', `f${index}`] as const);
  assert.is(dueAfter(...many), quietMs.burst);
  assert.is(dueAfter(...many, ['written', 'g', restart]), quietMs.settling);
});

test('a tree that never rests is served after a while', () => {
  const queue = changeQueue();
  for (let now = 0; now <= 3_000; now += 50) queue.add({ kind: 'open', path: 'log', rule: sync }, now);
  assert.is(queue.dueMs(), 2_000);
});

test('a batch holds the last change of each path and rule, and is taken once', () => {
  const queue = changeQueue();
  queue.add({ kind: 'written', path: 'a', rule: sync }, 0);
  queue.add({ kind: 'gone', path: 'a', rule: sync }, 1);
  queue.add({ kind: 'written', path: 'a', rule: restart }, 1);
  assert.equal(
    queue.take().map((one) => [one.kind, one.rule.action]),
    [
      ['gone', 'sync'],
      ['written', 'restart'],
    ],
  );
  assert.equal([queue.take(), queue.dueMs()], [[], undefined]);
});

test.run();
