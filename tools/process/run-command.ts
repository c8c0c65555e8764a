import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface CommandRequest {
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child; absent: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** After this long the whole process group is killed; absent: no limit. */
  readonly timeoutMs?: number;
  /** Called with output as it comes, both streams. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** 128+n for a signal; 127 when the program could not be started (`output` says why). */
  readonly exitCode: number;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
  readonly stdout: string;
  readonly elapsedMs: number;
  readonly timedOut: boolean;
  /** Commands of processes of the child's group that outlived it for more than half a second; they have been killed. */
  readonly leftovers: readonly string[];
}

/**
 * Runs a program in a process group of its own and never rejects because of its fate: status, output and what it left
 * running are the result. Rejects only when `signal` aborts, after the group has been killed.
 */
export async function runCommand(request: CommandRequest): Promise<CommandResult> {
  const startedMs = performance.now();
  const [file = '', ...args] = request.argv;
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: request.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let stdout = '';
  let timedOut = false;
  const take = (text: string): void => {
    output += text;
    request.onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    take(text);
  });
  child.stderr.setEncoding('utf8').on('data', take);

  const kill = (): void => killGroup(child.pid);
  const timer = setTimeout(
    () => {
      timedOut = true;
      kill();
    },
    request.timeoutMs ?? 2 ** 31 - 1,
  );
  request.signal?.addEventListener('abort', kill, { once: true });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      take(`${error.message}\n`);
      resolve(127);
    });
    child.once('exit', (code, signalName) => resolve(code ?? 128 + signalNumber(signalName)));
  });
  const elapsedMs = performance.now() - startedMs;
  clearTimeout(timer);
  request.signal?.removeEventListener('abort', kill);
  const leftovers = timedOut || exitCode === 127 ? [] : await groupLeftovers(child.pid);
  kill();
  // A process that escaped the group may still hold the pipes: do not wait for it for ever.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  child.stdout.destroy();
  child.stderr.destroy();
  request.signal?.throwIfAborted();
  return { exitCode, output, stdout, elapsedMs, timedOut, leftovers };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function groupLeftovers(group: number | undefined): Promise<readonly string[]> {
  let commands: readonly string[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    commands = groupMembers(group);
    if (commands.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return commands;
}

/** Commands of living (not zombie) processes of a process group. */
function groupMembers(group: number | undefined): readonly string[] {
  const members: string[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      continue; // The process ended between the two readings.
    }
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(processGroup) === group && state !== 'Z') members.push(`${command} (pid ${name})`);
  }
  return members;
}

function signalNumber(name: string | null): number {
  const numbers: Readonly<Record<string, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGTERM: 15,
  };
  return numbers[name ?? ''] ?? 0;
}
