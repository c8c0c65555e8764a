import { Writable } from 'node:stream';
import type { TextOutput } from '../host.ts';

/** A stream that keeps what is written to it. */
export function capture(
  terminal: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number } = {},
): TextOutput & {
  text(): string;
} {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { ...terminal, text: () => text });
}
