import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Engine } from '#core/engine/engine.ts';
import type { Told } from '#core/watch/file-event.ts';
import type { Host } from '../../host.ts';
import { run } from '../../run.ts';
import { capture } from '../capture.ts';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli extends AsyncDisposable {
  readonly directory: string;
  /** Runs a command line to its end. */
  run(...argv: readonly string[]): Promise<Outcome>;
  /** Starts one that may take long. */
  start(...argv: readonly string[]): {
    readonly outcome: Promise<Outcome>;
    readonly text: () => string;
    interrupt(): void;
    press(keys: string): void;
  };
  write(file: string, text: string): Promise<void>;
  /** Command lines that were given to the shell. */
  readonly shell: readonly string[];
  /** Exit statuses of runs that were abandoned by a second signal. */
  readonly abandoned: readonly number[];
}

export interface CliOptions {
  readonly env?: Host['env'];
  /** What is written to standard input. */
  readonly stdin?: string;
  readonly stdinIsTerminal?: boolean;
  /** More comes later, by `press`. */
  readonly stdinStaysOpen?: boolean;
  readonly program?: string;
  readonly stdoutIsTerminal?: boolean;
  /** Exit status of command lines given to the shell. */
  readonly shellStatus?: number;
  /** What the file watcher tells; absent: that it is ready, then nothing. */
  readonly watchFiles?: Host['watchFiles'];
}

/** The command line in this process, with an engine of the test, a temporary project directory `app` and captured streams. */
export async function cli(engine: Engine, compose: string, options: CliOptions = {}): Promise<Cli> {
  const home = await mkdtemp(join(tmpdir(), 'tsc-cli-'));
  const directory = home;
  const shell: string[] = [];
  const abandoned: number[] = [];
  const write = (file: string, text: string): Promise<void> => writeFile(join(directory, file), text);
  await write('compose.yaml', compose);

  const start = (...argv: readonly string[]) => {
    const stdout = capture({ isTTY: options.stdoutIsTerminal === true });
    const stderr = capture();
    const listeners = new Set<(name: 'SIGINT') => void>();
    const stdin = Object.assign(new PassThrough(), { isTTY: options.stdinIsTerminal === true });
    if (options.stdinStaysOpen === true) stdin.write(options.stdin ?? '');
    else stdin.end(options.stdin ?? '');
    const host: Host = {
      program: options.program ?? 'tscompose',
      argv,
      env: { HOME: home, ...options.env },
      cwd: directory,
      stdin,
      stdout,
      stderr,
      onSignal(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      watchFiles: options.watchFiles ?? quietWatcher,
      // The engine belongs to the test and outlives a command.
      openEngine: async () =>
        new Proxy(engine, { get: (target, key) => (key === Symbol.asyncDispose ? async () => {} : Reflect.get(target, key)) }),
      // The clock of the engine in memory starts then too.
      now: () => Date.UTC(2026, 0, 1),
      runShell: async (line) => {
        shell.push(line);
        return options.shellStatus ?? 0;
      },
      abandon: (exitCode) => {
        abandoned.push(exitCode);
      },
    };
    return {
      outcome: run(host).then((status) => ({ status, stdout: stdout.text(), stderr: stderr.text() })),
      text: () => stdout.text() + stderr.text(),
      interrupt: () => {
        for (const listener of listeners) listener('SIGINT');
      },
      press: (keys: string) => void stdin.write(keys),
    };
  };
  return {
    directory,
    run: (...argv) => start(...argv).outcome,
    start,
    write,
    shell,
    abandoned,
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** Waits until the condition holds; an error after twenty seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 20_000) throw new Error('waited twenty seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Tells that it is ready, then nothing until the end. */
async function* quietWatcher({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<Told> {
  yield { events: [], notices: [{ type: 'ready', directories: 1, files: 1 }] };
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
