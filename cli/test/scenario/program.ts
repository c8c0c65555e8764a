import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** A run of the program that has ended. */
export interface Finished {
  readonly argv: readonly string[];
  /** 128 + number for a signal. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Running {
  readonly finished: Promise<Finished>;
  /** What it has printed so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  kill(signal: NodeJS.Signals): void;
}

/** `bin/tscompose`. */
export const program = join(import.meta.dirname, '..', '..', '..', 'bin', 'tscompose');

/** Environment of a scenario's programs. */
export function programEnvironment(world: { readonly root: string }): NodeJS.ProcessEnv {
  const { COMPOSE_PROJECT_NAME: _name, COMPOSE_FILE: _file, TSCOMPOSE_DEV: _dev, ...env } = process.env;
  return { ...env, TSCOMPOSE_ROOT: world.root, XDG_CACHE_HOME: join(world.root, 'cache'), NO_COLOR: '1' };
}

/** Starts `bin/tscompose` (the bundle when it is newer than all sources, as for users), in the project directory and with the state root of a scenario. */
export function startProgram(
  argv: readonly string[],
  world: { readonly root: string; readonly directory: string },
  input?: string | Buffer,
): Running {
  const started = performance.now();
  const child = spawn(program, [...argv], {
    cwd: world.directory,
    env: programEnvironment(world),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {}); // it may end without reading all
  child.stdin?.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const status = code ?? (signal === 'SIGKILL' ? 137 : 128);
    resolve({ argv, status, stdout, stderr, ms: performance.now() - started });
  });
  return { finished: promise, output: () => ({ stdout, stderr }), kill: (signal) => void child.kill(signal) };
}
