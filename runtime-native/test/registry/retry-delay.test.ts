import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isUnknownHost, unreachable } from '#runtime/images/registry/refusal.ts';
import { durationText, retryDelay } from '#runtime/images/registry/retry-delay.ts';

const nowMs = Date.UTC(2026, 0, 1);
const answer = (headers: Readonly<Record<string, string>>) => ({
  status: 429,
  header: (name: string) => headers[name],
  body: Readable.from([]),
});
const delay = (headers: Readonly<Record<string, string>>, attempt = 1) =>
  retryDelay(answer(headers), { attempt, nowMs, chance: 0 });

test('without a header it doubles, up to a bound', () => {
  assert.equal(
    [1, 2, 3].map((attempt) => delay({}, attempt).delayMs),
    [250, 500, 1000],
  );
  assert.is(delay({}, 20).delayMs, 15_000);
  assert.is(retryDelay(undefined, { attempt: 1, nowMs, chance: 1 }).delayMs, 312.5);
});

for (const [what, headers, expectedMs] of [
  ['seconds', { 'retry-after': '30' }, 30_000],
  ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120_000],
  ['seconds until the reset', { 'ratelimit-reset': '40' }, 40_000],
  ['the moment of the reset', { 'x-ratelimit-reset': String(nowMs / 1000 + 90) }, 90_000],
] as const) {
  test(`waits for ${what}`, () => {
    assert.equal(delay(headers), { delayMs: expectedMs, resetMs: nowMs + expectedMs });
  });
}

test('a moment that has passed is no wait, and what is no number is none', () => {
  assert.is(delay({ 'retry-after': 'Wed, 01 Jan 2020 00:00:00 GMT' }).delayMs, 250);
  assert.is(delay({ 'retry-after': 'soon' }).resetMs, undefined);
});

test('tells limits and durations as people do', () => {
  assert.is(delay({ 'ratelimit-limit': '100;w=21600' }).limit, '100 in 6 h');
  assert.equal([1500, 99_000, 240_000, 7_200_000].map(durationText), ['2 s', '99 s', '4 min', '2 h']);
});

test('a name that is not known is told from a registry that does not answer', () => {
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND one.lan'), { code: 'ENOTFOUND' });
  assert.is(isUnknownHost(unknown), true);
  assert.match(unreachable('one.lan', unknown).advice ?? '', 'check the name');
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  assert.is(isUnknownHost(refused), false);
  assert.is(unreachable('one.lan', refused).advice, undefined);
});

test.run();
