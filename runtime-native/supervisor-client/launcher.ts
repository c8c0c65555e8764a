import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { LaunchReply, LaunchRequest } from '#schemas/supervisor-protocol.ts';
import { isExecutable } from '../host/programs.ts';

/** The one `tscompose-supervisor launch` process of an engine: spawned by the first request, ends with the engine. */
export interface Launcher extends AsyncDisposable {
  /** Starts the supervisor of a run directory; the reply says whether the container's process runs. */
  start(runDir: string): Promise<LaunchReply>;
  /** Removes what a dead supervisor left. */
  cleanup(runDir: string): Promise<LaunchReply>;
  /** The program that runs when this process is killed, in place of the one before; without `argv` none does. */
  succeed(program: { readonly argv: readonly string[]; readonly env: readonly string[] }): Promise<LaunchReply>;
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
type Wish = WithoutId<LaunchRequest>;

/** `supervisor`: path of the program; `onSpawn` is called with its pid before it is asked anything. Rejections: `engine.requirement-missing`, `supervisor.died`. */
export function openLauncher(supervisor: string, onSpawn: (pid: number) => void = () => {}): Launcher {
  let child: ChildProcessWithoutNullStreams | undefined;
  let lastId = 0;
  let complaints = '';
  const waiting = new Map<number, { resolve: (reply: LaunchReply) => void; reject: (error: Error) => void }>();

  function request(wish: Wish): Promise<LaunchReply> {
    const { promise, resolve, reject } = Promise.withResolvers<LaunchReply>();
    child ??= launch();
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    child.stdin.write(`${JSON.stringify({ id, ...wish } satisfies LaunchRequest)}\n`);
    return promise;
  }

  function launch(): ChildProcessWithoutNullStreams {
    if (!isExecutable(supervisor)) {
      throw new TscomposeError(
        diagnose('engine.requirement-missing', {
          what: `the supervisor program "${supervisor}" is missing`,
          command: 'build it: make -C runtime-native/supervisor',
        }),
      );
    }
    const started = spawn(supervisor, ['launch'], { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    if (started.pid !== undefined) onSpawn(started.pid);
    createInterface({ input: started.stdout }).on('line', (line) => {
      const reply = parseReply(line);
      const call = reply && waiting.get(reply.id);
      if (reply === undefined || call === undefined) return;
      waiting.delete(reply.id);
      call.resolve(reply);
    });
    started.stderr.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString()).slice(-2048);
    });
    started.stdin.on('error', () => {}); // EPIPE: `close` below tells all who wait.
    started.on('error', (error) => end(error.message));
    started.on('close', (code, signal) => {
      child = undefined;
      if (waiting.size > 0) end(complaints.trim() || `it ended with ${signal ?? `exit status ${code}`}`);
    });
    return started;
  }

  function end(reason: string): void {
    const error = new TscomposeError(diagnose('supervisor.died', { what: `the launcher (${reason})` }));
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  }

  return {
    start: async (runDir) => request({ op: 'start', runDir }),
    cleanup: async (runDir) => request({ op: 'cleanup', runDir }),
    succeed: async (program) => request({ op: 'successor', ...program }),
    async [Symbol.asyncDispose]() {
      if (child === undefined) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      child.on('close', () => resolve());
      child.stdin.end();
      await promise;
    },
  };
}

function parseReply(line: string): LaunchReply | undefined {
  try {
    return JSON.parse(line) as LaunchReply; // our own program, of the same version
  } catch {
    // Half a line of a launcher that died: its `close` fails the request.
    return undefined;
  }
}
