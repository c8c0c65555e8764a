import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diagnose } from '#core/builder/catalogue.ts';
import type { RunStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { findProgram } from '../host/programs.ts';
import { programPath, runProgram } from '../host/run-program.ts';

/** A socket for one RUN step, behind which an SSH agent answers. */
export interface AgentSocket extends AsyncDisposable {
  readonly path: string;
}

interface Request {
  /** An agent's socket, or files with keys, separated by commas. */
  readonly named: string;
  /** The socket is made here. */
  readonly directory: string;
  readonly name: string;
  readonly owner: { readonly uid: number; readonly gid: number; readonly mode: number };
  readonly at: RunStep['at'];
  readonly signal: AbortSignal;
}

/**
 * Opens the way to an agent. The agent is asked through us: it may insist on its own user, and its socket stays out of the container. Keys in
 * files are given to an agent of the step's own, so that they can be used and not read. Rejects with `build.ssh-unusable`.
 */
export async function openAgent(request: Request): Promise<AgentSocket> {
  const { named, directory, name, owner } = request;
  const isSocket = statSync(named, { throwIfNoEntry: false })?.isSocket() === true;
  await using open = new AsyncDisposableStack();
  const agent = isSocket ? named : open.use(await startAgent(request)).path;
  const path = join(directory, name);
  const server = createServer((client) => {
    const behind = connect(agent);
    const end = (): void => {
      client.destroy();
      behind.destroy();
    };
    client.on('error', end).on('close', end);
    behind.on('error', end).on('close', end);
    client.pipe(behind).pipe(client);
  });
  server.listen(path);
  await once(server, 'listening');
  chownSync(path, owner.uid, owner.gid);
  chmodSync(path, owner.mode);
  open.defer(() => void server.close());
  const held = open.move();
  return { path, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
}

/** An agent that ends with the program that it was started for, which ends with its input: with us, however we end. */
async function startAgent({ named, directory, name, at, signal }: Request): Promise<AgentSocket> {
  const fail = (reason: string) => new TscomposeError(diagnose('build.ssh-unusable', { key: named, reason }, at));
  const [program, add] = [findProgram('ssh-agent'), findProgram('ssh-add')];
  const keys = named.split(',');
  const missing = keys.find((key) => statSync(key, { throwIfNoEntry: false })?.isFile() !== true);
  if (missing !== undefined) throw fail(`"${missing}" is neither an agent's socket nor a file`);
  if (program === undefined || add === undefined) throw fail('ssh-agent is not installed (apt-get install openssh-client)');
  const path = join(directory, `${name}-agent`);
  // By itself the agent looks every ten seconds whether its program still runs.
  const watcher = ['sh', '-c', 'cat > /dev/null; kill "$SSH_AGENT_PID"'];
  const child = spawn(program, ['-a', path, ...watcher], { env: { PATH: programPath }, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {}); // it has ended; ssh-add tells
  const agent: AgentSocket = {
    path,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
      rmSync(path, { force: true });
    },
  };
  try {
    while (!existsSync(path) && child.exitCode === null && !signal.aborted) await delay(10);
    const env = { SSH_AUTH_SOCK: path, SSH_ASKPASS_REQUIRE: 'never' };
    await runProgram({ argv: [add, '-q', ...keys], env, signal });
    return agent;
  } catch (error) {
    await agent[Symbol.asyncDispose]();
    signal.throwIfAborted();
    throw error instanceof TscomposeError ? fail(error.message) : error;
  }
}
