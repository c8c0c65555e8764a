import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ledger } from '#core/watch/ledger.ts';
import { failureDiagnostics, outcomeOf } from '#core/watch/outcome.ts';
import { workFor } from '#core/watch/work.ts';
import { rule } from './rules.ts';

const sync = rule();

test('what has gone comes first, then directories before what is in them', () => {
  const { operations, changes } = workFor([
    { rule: sync, path: 'd/x', kind: 'written' },
    { rule: sync, path: 'd', kind: 'written' },
    { rule: sync, path: 'z', kind: 'gone' },
  ]);
  assert.is(changes, 3);
  assert.equal(
    operations.map((one) => [one.source, one.target]),
    [
      ['/p/src/z', '/app/z'],
      ['/p/src/d', '/app/d'],
      ['/p/src/d/x', '/app/d/x'],
    ],
  );
});

test('a rule on one file copies it to its target; slashes do not pile up', () => {
  const [one] = workFor([
    { rule: rule({ path: '/p/package.json', target: '/app/package.json' }), path: '', kind: 'written' },
  ]).operations;
  assert.equal([one?.source, one?.target, one?.isRoot], ['/p/package.json', '/app/package.json', true]);
  const [other] = workFor([{ rule: rule({ path: '/', target: '/' }), path: 'a', kind: 'written' }]).operations;
  assert.equal([other?.source, other?.target], ['/a', '/a']);
});

test('each action asks for its own', () => {
  const rebuild = rule({ action: 'rebuild', index: 1 });
  const restart = rule({ action: 'restart', index: 2 });
  const both = rule({ action: 'sync+restart', index: 3 });
  const exec = rule({ action: 'sync+exec', index: 4 });
  const work = workFor([exec, both, restart, rebuild].map((one) => ({ rule: one, path: 'a', kind: 'written' as const })));
  assert.equal([work.rebuild, work.restart, work.changes, work.isInitial], [true, true, 1, false]);
  assert.equal(
    work.operations.map((one) => one.rule.index),
    [3, 4],
  );
  assert.equal([[...work.restartsAfterSync], work.execsAfterSync], [[both], [exec]]);
});

test('the start copies and does nothing else', () => {
  const work = workFor([{ rule: rule({ action: 'sync+restart' }), path: 'a', kind: 'found' }]);
  assert.equal([work.isInitial, work.restart, work.restartsAfterSync.size, work.operations.length], [true, false, 0, 1]);
});

test('a new container is owed every path once; one of a new image nothing that has gone', () => {
  const book = ledger();
  const { operations } = workFor([
    { rule: sync, path: 'd/x', kind: 'written' },
    { rule: sync, path: 'd', kind: 'written' },
    { rule: sync, path: 'x', kind: 'gone' },
  ]);
  book.note(operations);
  book.note(operations);
  assert.equal(
    book.all().map((one) => one.target),
    ['/app/d', '/app/d/x', '/app/x'],
  );
  book.forgetGone();
  assert.equal(
    book.all().map((one) => one.target),
    ['/app/d', '/app/d/x'],
  );
});

test('results add up; failures are told, many of one kind as one', () => {
  const { operations } = workFor(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((path) => ({ rule: sync, path, kind: 'written' })));
  const failed = { done: 'failed', reason: 'no-space', message: 'no space left' } as const;
  const outcome = outcomeOf(operations, [
    { done: 'written', bytes: 5 },
    { done: 'same' },
    { done: 'removed' },
    failed,
    failed,
    failed,
    failed,
  ]);
  assert.equal([outcome.written, outcome.removed, outcome.bytes, [...outcome.changedRules]], [1, 1, 5, [sync]]);
  const told = failureDiagnostics('web-1', outcome.failed);
  assert.equal(
    told.map((one) => one.code),
    ['watch.not-copied', 'watch.not-copied', 'watch.not-copied'],
  );
  assert.match(told[2]?.message ?? '', /"\/p\/src\/f" is not in container "web-1": no space left \(and 1 more paths\)/);
});

test.run();
