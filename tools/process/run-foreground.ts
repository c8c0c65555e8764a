import { spawn } from 'node:child_process';

export interface ForegroundRequest {
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Added to our environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the program's stdout goes; `stderr` keeps ours for results. */
  readonly stdout?: 'stdout' | 'stderr';
}

/**
 * Runs a program on our terminal and resolves with its exit status (128+n for a signal, 127 when it cannot be started).
 * Ctrl-C reaches it directly, as part of our process group; we stay to clean up.
 */
export async function runForeground(request: ForegroundRequest): Promise<number> {
  const [file = '', ...args] = request.argv;
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: { ...process.env, ...request.env },
    stdio: ['inherit', request.stdout === 'stderr' ? 2 : 1, 2],
  });
  const forward = (): void => {
    child.kill('SIGTERM');
  };
  const stay = (): void => {};
  process.on('SIGINT', stay);
  process.on('SIGTERM', forward);
  try {
    return await new Promise<number>((resolve) => {
      child.once('error', (error) => {
        process.stderr.write(`${error.message}\n`);
        resolve(127);
      });
      child.once('exit', (code, signalName) => resolve(code ?? (signalName === 'SIGINT' ? 130 : 143)));
    });
  } finally {
    process.off('SIGINT', stay);
    process.off('SIGTERM', forward);
  }
}
