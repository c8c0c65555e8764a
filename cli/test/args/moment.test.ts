import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { momentMs } from '../../args/moment.ts';

const nowMs = Date.parse('2026-01-02T12:00:00Z');
const rows: readonly [string, number][] = [
  ['42m', nowMs - 42 * 60_000],
  ['1h30m', nowMs - 90 * 60_000],
  ['2026-01-02T11:00:00Z', nowMs - 3_600_000],
  ['2026-01-02T13:00:00+01:00', nowMs],
  ['1767355200', nowMs],
  ['1767355200.5', nowMs + 500],
];

for (const [text, expected] of rows) test(`moment ${text}`, () => assert.is(momentMs('--since', text, nowMs), expected));

test('a date is local midnight', () => assert.is(momentMs('--since', '2026-01-02', nowMs), new Date(2026, 0, 2).getTime()));

test('refuses what is no time', () => {
  assert.throws(
    () => momentMs('--since', 'yesterday-ish', nowMs),
    (error: unknown) => hasCode(error, 'cli.bad-flag-value'),
  );
});

test.run();
