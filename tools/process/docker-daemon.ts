import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** A dockerd that lives only for a benchmark or a test; disposing stops it. */
export interface DockerDaemon extends AsyncDisposable {
  /** With DOCKER_HOST. */
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
}

const cgroupParent = 'tsc-bench-docker';

/** Starts dockerd with its state in a directory that it makes, in namespaces of its own, and waits until it answers. */
export async function startDocker(state: string): Promise<DockerDaemon> {
  mkdirSync(state);
  const socket = `unix://${state}/docker.sock`;
  const daemon = startDaemon(state, socket);
  const env = { ...process.env, DOCKER_HOST: socket };
  const stop = async (): Promise<void> => {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
    removeCgroups();
  };
  try {
    await waitForDaemon(env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, pid: daemon.pid ?? 0, [Symbol.asyncDispose]: stop };
}

/** What a program prints; undefined where it is not installed or fails. */
export async function answer(argv: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand({ argv, timeoutMs: 20_000 });
  return exitCode === 0 ? stdout.trim() : undefined;
}

function startDaemon(state: string, socket: string) {
  const dockerd = `dockerd -H ${socket} --data-root ${state}/data --exec-root ${state}/run --pidfile ${state}/pid --cgroup-parent /${cgroupParent}`;
  return spawn('unshare', ['--net', '--mount', 'sh', '-c', `ip link set lo up && exec ${dockerd} > ${state}/log 2>&1`], {
    stdio: 'ignore',
  });
}

/** dockerd leaves the parent of its cgroups, once in every hierarchy. */
function removeCgroups(): void {
  const hierarchies = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const path of ['.', ...hierarchies.map(({ name }) => name)].map((name) => join('/sys/fs/cgroup', name, cgroupParent))) {
    if (existsSync(path)) rmdirSync(path);
  }
}

async function waitForDaemon(env: NodeJS.ProcessEnv): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { exitCode } = await runCommand({ argv: ['docker', 'version'], env });
    if (exitCode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('dockerd did not answer within 30 s');
}
