import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** A native helper that stays and speaks in lines of JSON. */
export interface HelperLines {
  send(message: object): void;
  /** Lines as they come, several at once; ends with the program. */
  readonly lines: AsyncIterable<readonly string[]>;
  /** What it said on stderr, for the message about its end. */
  complaints(): string;
  /** Ends it and waits for that. */
  close(): Promise<void>;
}

/** Starts `tscompose-helper <mode>`. Rejections of its use: `engine.requirement-missing`. */
export function startHelper(helper: string, mode: 'watch' | 'sync'): HelperLines {
  const child = spawn(helper, [mode], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = Promise.withResolvers<void>();
  let failure: Error | undefined;
  let complaints = '';
  child.on('error', (error) => {
    failure = new TscomposeError(
      diagnose('engine.requirement-missing', {
        what: `the native helper "${helper}" cannot be started: ${error.message}`,
        command: 'tscompose doctor --fix',
      }),
      { cause: error },
    );
    ended.resolve();
  });
  child.on('close', () => ended.resolve());
  child.stdin.on('error', () => {}); // EPIPE: it has ended, which `lines` shows.
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2048);
  });
  return {
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    lines: linesOf(child, async () => {
      await ended.promise;
      if (failure !== undefined) throw failure;
    }),
    complaints: () => complaints.trim(),
    async close() {
      child.stdin.end();
      // What is still to be read would keep it from ending.
      child.stdout.destroy();
      await ended.promise;
    },
  };
}

async function* linesOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  end: () => Promise<void>,
): AsyncGenerator<readonly string[]> {
  let rest = '';
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    // `close` destroyed the stream under the reader.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
  await end();
}
