import { durationMs } from '#core/model/units.ts';

/** What is wrong with a service's `logging`: the attribute below the service, and why. */
export interface LogProblem {
  readonly key: string;
  readonly error: string;
}

/** Reads the options of a log driver; remembers the first mistake and goes on with the fallback, so that callers check once. */
export interface LogOptions {
  text(name: string): string | undefined;
  /** Bytes of `10m`. Decimal, as Docker reads the sizes of log files. */
  size(name: string, fallback: number): number;
  whole(name: string, range: { readonly fallback: number; readonly min: number }): number;
  flag(name: string, fallback: boolean): boolean;
  /** Milliseconds of `1.5s`. */
  duration(name: string, fallbackMs: number): number;
  pattern(name: string): RegExp | undefined;
  refuse(name: string, error: string): void;
  problem(): LogProblem | undefined;
}

/** The options of one service. */
export function logOptions(options: Readonly<Record<string, string>>): LogOptions {
  let found: LogProblem | undefined;
  const refuse = (name: string, error: string): void => {
    found ??= { key: `logging.options.${name}`, error };
  };
  return {
    text: (name) => options[name],
    size(name, fallback) {
      const value = sizeBytes(options[name]) ?? fallback;
      if (value > 0) return value;
      refuse(name, 'it must be a size such as 10m');
      return fallback;
    },
    whole(name, { fallback, min }) {
      const value = Number(options[name] ?? fallback);
      if (Number.isSafeInteger(value) && value >= min) return value;
      refuse(name, min === 1 ? 'it must be a number above 0' : `it must be a number of at least ${min}`);
      return fallback;
    },
    flag(name, fallback) {
      const value = options[name] ?? String(fallback);
      if (!/^(1|0|t|f|true|false)$/i.test(value)) refuse(name, 'it must be "true" or "false"');
      return /^(1|t|true)$/i.test(value);
    },
    duration(name, fallbackMs) {
      const value = options[name];
      if (value === undefined) return fallbackMs;
      if (/^([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(value) && durationMs(value) > 0) return durationMs(value);
      refuse(name, 'it must be a duration such as 1.5s');
      return fallbackMs;
    },
    pattern(name) {
      const value = options[name];
      try {
        return value ? new RegExp(value, 'u') : undefined;
      } catch (error) {
        refuse(name, `it is no regular expression: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
    refuse,
    problem: () => found,
  };
}

function sizeBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (amount === undefined) return Number.NaN;
  return Math.floor(Number(amount) * 1000 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '));
}
