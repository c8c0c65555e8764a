import { spawn, spawnSync } from 'node:child_process';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

export interface ProgramRequest {
  readonly argv: readonly [string, ...string[]];
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** Added to the environment, which holds a search path and nothing of the user's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Trusted directories only: helper programs never come from an image or a project. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const outputLimit = 64 * 1024 * 1024;
const errorTail = 4096;

/** Runs a host program to its end and returns its stdout; rejects with `engine.program-failed`. */
export async function runProgram(request: ProgramRequest): Promise<string> {
  const [file, ...args] = request.argv;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(file, args, {
    env: { PATH: programPath, LC_ALL: 'C', ...request.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {}); // EPIPE: it ended before it read all; its status tells why.
  child.on('error', (error) => reject(request.signal?.aborted ? request.signal.reason : failure(request, error.message, '')));
  child.on('close', (code, signal) => {
    if (code === 0) resolve(Buffer.concat(out).toString());
    else reject(failure(request, signal ?? `exit status ${code}`, Buffer.concat(err).toString()));
  });
  child.stdin.end(request.input ?? '');
  return promise;
}

/** As `runProgram`, blocking: for calls that must finish inside a database transaction. */
export function runProgramNow(request: ProgramRequest): string {
  const [file, ...args] = request.argv;
  const result = spawnSync(file, args, {
    env: { PATH: programPath, LC_ALL: 'C' },
    input: request.input ?? '',
    maxBuffer: outputLimit,
    encoding: 'utf8',
  });
  if (result.error !== undefined) throw failure(request, result.error.message, '');
  if (result.status !== 0) throw failure(request, result.signal ?? `exit status ${result.status}`, result.stderr);
  return result.stdout;
}

function failure(request: ProgramRequest, status: string, stderr: string): TscomposeError {
  const output = stderr.slice(-errorTail).trim().replaceAll('\n', '; ');
  return new TscomposeError(diagnose('engine.program-failed', { command: request.argv.join(' '), status, output }));
}
