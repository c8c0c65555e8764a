import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';
import { type DockerCompose, startDockerCompose } from '../../bench/lib/docker-daemon.ts';
import { ensureImages } from '../images/build-images.ts';

/** One of the two programs that are compared. */
export interface Side {
  readonly name: string;
  /** Where its projects are. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** The beginning of a compose command. */
  readonly compose: readonly string[];
  /** The whole command that prints, as JSON, these containers in the shape of `docker inspect`. */
  readonly inspect: (ids: readonly string[]) => readonly string[];
  /** The whole command that prints the ids of all containers of a project. */
  readonly list: (project: string) => readonly string[];
}

export interface Sides extends AsyncDisposable {
  readonly theirs: Side;
  readonly ours: Side;
  /** Names and versions of what is compared with. */
  readonly versions: string;
}

const root = join(import.meta.dirname, '..', '..');
const image = 'tscompose/busybox:1';

/** Both programs with the same image, ours called as `docker-compose`; undefined where Docker or Docker Compose is not installed. Everything is below `directory`. */
export async function openSides(directory: string): Promise<Sides | undefined> {
  const daemon = await startDockerCompose(directory);
  if (daemon === undefined) return undefined;
  const stop = () => daemon[Symbol.asyncDispose]();
  try {
    const theirs = dockerSide(directory, daemon);
    const ours = ownSide(directory);
    await shareImage({ directory, theirs, ours });
    return { theirs, ours, versions: daemon.versions, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function dockerSide(directory: string, daemon: DockerCompose): Side {
  return {
    name: 'Docker Compose',
    directory: made(join(directory, 'theirs')),
    env: { ...withoutCompose(daemon.env), COMPOSE_DOCKER_CLI_BUILD: '0' },
    compose: daemon.compose,
    inspect: (ids) => ['docker', 'inspect', ...ids],
    list: (project) => ['docker', 'ps', '-aq', '--no-trunc', '--filter', `label=com.docker.compose.project=${project}`],
  };
}

function ownSide(directory: string): Side {
  const program = join(made(join(directory, 'bin')), 'docker-compose');
  symlinkSync(join(root, 'bin', 'tscompose'), program);
  return {
    name: 'tscompose',
    directory: made(join(directory, 'ours')),
    // Names of containers as version 1 makes them.
    env: { ...withoutCompose(process.env), TSCOMPOSE_ROOT: join(directory, 'r'), COMPOSE_COMPATIBILITY: '1' },
    compose: [program],
    inspect: (ids) => [program, 'inspect', ...ids],
    list: (project) => [program, '-p', project, 'ps', '-aq'],
  };
}

function withoutCompose(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('COMPOSE_')));
}

async function shareImage({ directory, theirs, ours }: { directory: string; theirs: Side; ours: Side }): Promise<void> {
  await ensureImages(['busybox'], { env: ours.env, log: () => {} });
  const archive = join(directory, 'image.tar');
  for (const { argv, env } of [
    { argv: [...ours.compose, 'image', 'save', '-o', archive, image], env: ours.env },
    { argv: ['docker', 'load', '-i', archive], env: theirs.env },
  ]) {
    const { exitCode, output } = await runCommand({ argv, env, timeoutMs: 120_000 });
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${output}`);
  }
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true });
  return directory;
}
