import { Writable } from 'node:stream';
import type { ExecStreams } from '#core/engine/specs.ts';
import type { Host, TextOutput } from '../../host.ts';

export interface Terminal extends Disposable {
  readonly streams: ExecStreams;
}

/**
 * The program's streams for a process in a container. With `tty` the terminal is in raw mode until disposal and its size
 * is passed on; without `interactive` standard input is left alone.
 */
export function takeTerminal(host: Host, wish: { readonly tty: boolean; readonly interactive: boolean }): Terminal {
  const { stdin, stdout, stderr } = host;
  const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const isRaw = wish.tty && wish.interactive && stdin.isTTY === true;
  let stopResize = (): void => {};
  if (isRaw) host.setRaw?.(true);
  return {
    streams: {
      ...(wish.interactive ? { stdin } : {}),
      stdout: relayTo(stdout),
      stderr: relayTo(stderr),
      ...(wish.tty
        ? {
            terminalSize: size(),
            onResize: (listener: (size: { columns: number; rows: number }) => void) => {
              stopResize = host.onResize?.(() => listener(size())) ?? stopResize;
            },
          }
        : {}),
    },
    [Symbol.dispose]() {
      stopResize();
      if (isRaw) host.setRaw?.(false);
      if (wish.interactive) stdin.pause();
    },
  };
}

/** A stream of its own: the engine may end it, the program's stdout stays open. Waits where the reader is slow. */
function relayTo(target: TextOutput): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      if (target.write(chunk)) done();
      else target.once('drain', () => done());
    },
  });
}
