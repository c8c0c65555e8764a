import type { HttpResponse } from './transport.ts';

/** How long to wait before the next attempt, and what the server says about its limit. */
export interface RetryDelay {
  readonly delayMs: number;
  /** When the server allows requests again, in milliseconds since the epoch. */
  readonly resetMs?: number;
  /** `100 in 6 h`, where the server tells. */
  readonly limit?: string;
}

const firstDelayMs = 250;
const longestBackOffMs = 15_000;

/**
 * From `Retry-After` (RFC 9110: seconds or a date), the headers `RateLimit-Reset` and `RateLimit-Limit` (with their `X-`
 * forms; seconds, or since the epoch), else doubling from 250 ms with up to a quarter of chance.
 */
export function retryDelay(
  response: HttpResponse | undefined,
  context: { attempt: number; nowMs: number; chance: number },
): RetryDelay {
  const { attempt, nowMs, chance } = context;
  const header = (name: string) => response?.header(name) ?? response?.header(`x-${name}`);
  const limit = limitText(header('ratelimit-limit'));
  const waitMs = afterMs(response?.header('retry-after'), nowMs) ?? resetAfterMs(header('ratelimit-reset'), nowMs);
  const backOffMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestBackOffMs) * (1 + chance / 4);
  const shared = limit === undefined ? {} : { limit };
  if (waitMs === undefined) return { delayMs: backOffMs, ...shared };
  return { delayMs: Math.max(waitMs, backOffMs), resetMs: nowMs + waitMs, ...shared };
}

function afterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function resetAfterMs(value: string | undefined, nowMs: number): number | undefined {
  const seconds = Number(/^\d+/.exec(value ?? '')?.[0]);
  if (Number.isNaN(seconds)) return undefined;
  // More than ten years is no duration but a moment.
  return seconds > 315_360_000 ? Math.max(0, seconds * 1000 - nowMs) : seconds * 1000;
}

function limitText(value: string | undefined): string | undefined {
  const [, count, seconds] = /^(\d+)(?:;w=(\d+))?/.exec(value ?? '') ?? [];
  if (count === undefined) return undefined;
  return seconds === undefined ? count : `${count} in ${durationText(Number(seconds) * 1000)}`;
}

/** `40 s`, `5 min`, `6 h`: for people, rounded up. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
