import { Writable } from 'node:stream';

/** A stream that hands over whole lines, the unfinished last one when it ends. */
export function wholeLines(onLine: (text: string) => void): Writable {
  let rest = '';
  return new Writable({
    decodeStrings: false,
    write(chunk: Buffer | string, _encoding, done) {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) onLine(part);
      done();
    },
    final(done) {
      if (rest !== '') onLine(rest);
      rest = '';
      done();
    },
  });
}
