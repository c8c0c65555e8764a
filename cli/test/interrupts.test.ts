import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Host } from '../host.ts';
import { InterruptedError, watchInterrupts } from '../interrupts.ts';

/** A host that only knows signals. */
function signalling() {
  const listeners = new Set<(name: 'SIGINT' | 'SIGTERM') => void>();
  const abandoned: number[] = [];
  const host = {
    onSignal: (listener: (name: 'SIGINT' | 'SIGTERM') => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    abandon: (exitCode: number) => abandoned.push(exitCode),
  } as unknown as Host;
  const send = (name: 'SIGINT' | 'SIGTERM'): void => {
    for (const listener of listeners) listener(name);
  };
  return { host, send, abandoned, listeners };
}

test('the first signal aborts, the second abandons with 130', () => {
  const { host, send, abandoned } = signalling();
  const interrupts = watchInterrupts(host);
  send('SIGTERM');
  assert.ok(interrupts.signal.aborted);
  assert.instance(interrupts.signal.reason, InterruptedError);
  assert.equal(abandoned, []);
  send('SIGINT');
  assert.equal(abandoned, [130]);
});

test('a handler gets the signals with their number until it lets go', () => {
  const { host, send } = signalling();
  const interrupts = watchInterrupts(host);
  const seen: string[] = [];
  const release = interrupts.take((count, name) => seen.push(`${count} ${name}`));
  send('SIGINT');
  send('SIGTERM');
  release();
  assert.equal(seen, ['1 SIGINT', '2 SIGTERM']);
  assert.not.ok(interrupts.signal.aborted);
  assert.is(interrupts.count(), 2);
});

test('closing ends the listening', () => {
  const { host, listeners } = signalling();
  watchInterrupts(host).close();
  assert.is(listeners.size, 0);
});

test.run();
