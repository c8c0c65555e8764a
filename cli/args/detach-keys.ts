import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from './catalogue.ts';

/** Docker's own. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** Bytes of a key sequence such as `ctrl-p,ctrl-q` or `ctrl-],x`. Rejects with `cli.bad-flag-value`. */
export function detachKeys(text: string): Buffer {
  return Buffer.from(
    text.split(',').map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
      if (control !== undefined) return control === '@' ? 0 : control.toUpperCase().charCodeAt(0) - 64;
      if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
      const allowed = 'letters and ctrl-<a-z, @, [, \\, ], ^ or _>, separated by commas';
      throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--detach-keys', value: text, allowed }));
    }),
  );
}

/** Looks for a key sequence in what is typed. */
export interface KeyWatch {
  /** What of these bytes goes on to the process; undefined: the sequence is complete. A begun sequence is held back. */
  take(bytes: Buffer): Buffer | undefined;
}

export function watchKeys(sequence: Buffer): KeyWatch {
  let matched = 0;
  return {
    take(bytes) {
      const passed: number[] = [];
      for (const byte of bytes) {
        if (byte !== sequence[matched]) {
          passed.push(...sequence.subarray(0, matched));
          matched = 0;
        }
        if (byte === sequence[matched]) matched++;
        else passed.push(byte);
        if (matched === sequence.length) return undefined;
      }
      return Buffer.from(passed);
    },
  };
}
