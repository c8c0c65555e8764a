import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';

export interface DockerDaemon extends AsyncDisposable {
  /** For `docker` and its plugins. */
  readonly env: NodeJS.ProcessEnv;
  /** Of the daemon, whose network namespace plays the host. */
  readonly pid: number;
}

/** Another benchmark may have a daemon too. */
const cgroupParent = `tsc-bench-docker-${process.pid}`;

/**
 * A dockerd that lives only for a benchmark: own state below `directory`, own network and mount namespace (its firewall
 * rules would otherwise change the machine's), stopped by pid. Rejects when it does not answer within half a minute.
 */
export async function startDockerDaemon(directory: string): Promise<DockerDaemon> {
  const state = join(directory, 'd');
  mkdirSync(state);
  const socket = `unix://${state}/docker.sock`;
  const dockerd = `dockerd -H ${socket} --data-root ${state}/data --exec-root ${state}/run --pidfile ${state}/pid --cgroup-parent /${cgroupParent}`;
  const daemon = spawn('unshare', ['--net', '--mount', 'sh', '-c', `ip link set lo up && exec ${dockerd} > ${state}/log 2>&1`], {
    stdio: 'ignore',
  });
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
