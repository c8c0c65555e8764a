import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';

export interface DockerDaemon extends AsyncDisposable {
  /** Names and versions, for the report. */
  readonly versions: string;
  /** What talks to it: DOCKER_HOST is set. */
  readonly env: NodeJS.ProcessEnv;
  /** The beginning of a Docker Compose command. */
  readonly compose: readonly string[];
}

const cgroupParent = 'tsc-bench-docker';

/**
 * A dockerd that lives only for a benchmark: state below `directory`, own network and mount namespace (its firewall rules would
 * otherwise change the machine's), stopped by pid. Undefined where Docker is not installed.
 */
export async function dockerDaemon(directory: string): Promise<DockerDaemon | undefined> {
  const compose = await composeProgram();
  const docker = await answer(['docker', '--version']);
  if (compose === undefined || docker === undefined) return undefined;
  const state = join(directory, 'd');
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
  return {
    versions: `${docker}; ${compose.version}; ${(await answer(['dockerd', '--version'])) ?? ''}`,
    env,
    compose: compose.argv,
    [Symbol.asyncDispose]: stop,
  };
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

/** The plugin of today where it is, else the stand-alone program. */
async function composeProgram(): Promise<{ readonly argv: readonly string[]; readonly version: string } | undefined> {
  for (const argv of [['docker', 'compose'], ['docker-compose']]) {
    const version = await answer([...argv, 'version', '--short']);
    if (version !== undefined) return { argv, version: `${argv.join(' ')} ${version}` };
  }
  return undefined;
}

async function answer(argv: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand({ argv, timeoutMs: 20_000 });
  return exitCode === 0 ? stdout.trim() : undefined;
}
