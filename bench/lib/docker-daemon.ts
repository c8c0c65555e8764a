import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';

/** A dockerd that lives only as long as this object. */
export interface DockerDaemon extends AsyncDisposable {
  /** Environment for `docker`, which then talks to this daemon. */
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
}

/** Another benchmark may have a daemon too. */
const cgroupParent = `tsc-bench-docker-${process.pid}`;

/**
 * Starts a dockerd with its state below `state`: own network and mount namespace (its firewall rules would otherwise change the
 * machine's), stopped by pid. `withNetwork`: in the machine's network namespace, but without bridge and firewall rules.
 */
export async function startDocker(state: string, options: { readonly withNetwork?: boolean } = {}): Promise<DockerDaemon> {
  mkdirSync(state);
  const socket = `unix://${state}/docker.sock`;
  const daemon = startDaemon({ state, socket, withNetwork: options.withNetwork ?? false });
  const env = { ...process.env, DOCKER_HOST: socket, DOCKER_BUILDKIT: '0' };
  const stop = async (): Promise<void> => {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
    await removeCgroups();
  };
  try {
    await waitForDaemon(env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, pid: daemon.pid ?? 0, [Symbol.asyncDispose]: stop };
}

/** A dockerd with the Docker Compose that talks to it. */
export interface DockerCompose extends DockerDaemon {
  /** Names and versions, for the report. */
  readonly versions: string;
  /** The beginning of a Docker Compose command. */
  readonly compose: readonly string[];
}

/** Starts a dockerd below `directory` for Docker Compose; undefined where one of the two is not installed. */
export async function startDockerCompose(directory: string): Promise<DockerCompose | undefined> {
  const compose = await composeProgram();
  const docker = await answer(['docker', '--version']);
  if (compose === undefined || docker === undefined) return undefined;
  const daemon = await startDocker(join(directory, 'd'));
  const versions = `${docker}; ${compose.version}; ${(await answer(['dockerd', '--version'])) ?? ''}`;
  return { ...daemon, versions, compose: compose.argv };
}

/** The plugin of today where it is, else the stand-alone program. */
async function composeProgram(): Promise<{ readonly argv: readonly string[]; readonly version: string } | undefined> {
  for (const argv of [['docker', 'compose'], ['docker-compose']]) {
    const version = await answer([...argv, 'version', '--short']);
    if (version !== undefined) return { argv, version: `${argv.join(' ')} ${version}` };
  }
  return undefined;
}

/** What a program prints; undefined where it is not installed or fails. */
export async function answer(argv: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand({ argv, timeoutMs: 20_000 });
  return exitCode === 0 ? stdout.trim() : undefined;
}

function startDaemon(request: { readonly state: string; readonly socket: string; readonly withNetwork: boolean }) {
  const { state, socket, withNetwork } = request;
  const dockerd = `dockerd -H ${socket} --data-root ${state}/data --exec-root ${state}/run --pidfile ${state}/pid --cgroup-parent /${cgroupParent}`;
  const options = withNetwork ? ' --bridge none --iptables=false --ip-forward=false --ip-masq=false' : '';
  const namespaces = withNetwork ? ['--mount'] : ['--net', '--mount'];
  const script = `ip link set lo up && exec ${dockerd}${options} > ${state}/log 2>&1`;
  return spawn('unshare', [...namespaces, 'sh', '-c', script], { stdio: 'ignore' });
}

/** dockerd leaves the parent of its cgroups, once in every hierarchy, and BuildKit what it made below. One that is not empty yet has a process that is about to end. */
async function removeCgroups(): Promise<void> {
  const hierarchies = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const path of ['.', ...hierarchies.map(({ name }) => name)].map((name) => join('/sys/fs/cgroup', name, cgroupParent))) {
    for (let attempt = 0; existsSync(path); attempt++) {
      try {
        removeCgroup(path);
      } catch (error) {
        if (attempt === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  rmdirSync(path);
}

async function waitForDaemon(env: NodeJS.ProcessEnv): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const { exitCode } = await runCommand({ argv: ['docker', 'version'], env });
    if (exitCode === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('dockerd did not answer within a minute');
}
