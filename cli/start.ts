import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import type { Host } from './host.ts';
import { onStreamError, onTerminalGone } from './nobody-left.ts';
import { packageRoot } from './package-root.ts';
import { run } from './run.ts';
import { version } from './version.ts';

/** The host of a real process. */
export function processHost(): Host {
  const program = basename(process.env['TSCOMPOSE_PROGRAM'] ?? 'tscompose');
  // From the launcher to us alone: not for interpolation, not for child processes.
  delete process.env['TSCOMPOSE_PROGRAM'];
  return {
    program,
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    get stdin() {
      if (!process.stdin.listeners('error').includes(onStreamError)) process.stdin.on('error', onStreamError);
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal: (listener) => listen(['SIGINT', 'SIGTERM'], listener),
    onOtherSignal: (listener) => listen(['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'], listener),
    setRaw(raw, keysOnly) {
      process.stdin.setRawMode(raw);
      // A raw terminal has no end but that it goes away.
      if (raw) process.stdin.once('end', onTerminalGone);
      else process.stdin.off('end', onTerminalGone);
      // Node's raw mode still makes CR LF of LF, which spoils what full-screen programs draw.
      if (raw && keysOnly !== true) spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'], timeout: 5000 });
    },
    onResize(listener) {
      process.stdout.on('resize', listener);
      return () => process.stdout.off('resize', listener);
    },
    openEngine: async (options) => {
      const { openNativeEngine } = await import('#runtime/native-engine.ts');
      return openNativeEngine({ ...options, env: withLibexec(options.env), program: ownProgram() });
    },
    async *watchFiles(request) {
      const { watchFiles } = await import('#runtime/watch/watch-files.ts');
      yield* watchFiles({ ...request, env: withLibexec(request.env) });
    },
    fetchDefinition: async (request) => {
      const { fetchDefinition } = await import('#runtime/definitions/fetch-definition.ts');
      return fetchDefinition(request);
    },
    now: Date.now,
    runShell: async (command) => {
      const { spawn } = await import('node:child_process');
      const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 2, 2] });
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
      return promise;
    },
    abandon: (exitCode) => process.exit(exitCode),
  };
}

/** How this very program is run once more. */
function ownProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)];
}

/** In the bundle the engine's own place says nothing about where the native programs are. */
function withLibexec(env: Host['env']): Host['env'] {
  return { TSCOMPOSE_LIBEXEC: join(packageRoot, 'runtime-native', 'supervisor', 'build'), ...env };
}

function listen<N extends NodeJS.Signals>(names: readonly N[], listener: (name: N) => void): () => void {
  const entries = names.map((name) => ({ name, handler: () => listener(name) }));
  for (const { name, handler } of entries) process.on(name, handler);
  return () => {
    for (const { name, handler } of entries) process.off(name, handler);
  };
}

/**
 * Ends the process when the streams have been written; what still listens then does not keep it alive. Who was interrupted does not
 * wait for a reader that takes nothing.
 */
function end(exitCode: number): void {
  process.exitCode = exitCode;
  if (exitCode === 130) setTimeout(() => process.exit(), 500);
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

/** Runs the command line of this process and ends it. */
export function start(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onStreamError);

  // Waiting for a signal or for an event of the engine alone would not keep the process alive.
  setInterval(() => {}, 2 ** 30);

  run(processHost()).then(end, (error: unknown) => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${stack}\n\nThis is a bug in tscompose ${version}. Please report it with the text above.\n`);
    end(1);
  });
}
