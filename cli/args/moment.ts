import { TscomposeError } from '#core/diagnostics/error.ts';
import { durationMs } from '#core/model/units.ts';
import { diagnose } from './catalogue.ts';

/**
 * Milliseconds since the epoch of `--since`/`--until`: a Go duration before now (`42m`, `1h30m`), a date or RFC 3339 time
 * (local without zone), or seconds since the epoch. Rejects with `cli.bad-flag-value`.
 */
export function momentMs(flag: string, text: string, nowMs: number): number {
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return nowMs - durationMs(text);
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00`) : Date.parse(text);
  if (Number.isNaN(time)) {
    const allowed = 'a duration such as 42m, a time such as 2026-01-02T13:23:37Z, or seconds since 1970';
    throw new TscomposeError(diagnose('cli.bad-flag-value', { flag, value: text, allowed }));
  }
  return time;
}
