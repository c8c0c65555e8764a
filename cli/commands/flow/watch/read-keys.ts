import type { Host } from '../../../host.ts';

/** Calls the listener for each key that is pressed, without waiting for a line, until disposal. */
export function readKeys({ stdin, setRaw }: Pick<Host, 'stdin' | 'setRaw'>, onKey: (key: string) => void): Disposable {
  const onData = (chunk: Buffer | string): void => {
    for (const key of chunk.toString()) onKey(key);
  };
  setRaw?.(true, true);
  stdin.on('data', onData);
  stdin.resume();
  return {
    [Symbol.dispose]() {
      stdin.off('data', onData);
      setRaw?.(false);
      stdin.pause();
    },
  };
}
