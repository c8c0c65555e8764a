import { existsSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { answer, type DockerDaemon } from '../lib/docker-daemon.ts';
import { timed } from '../lib/timed.ts';

/** Something that builds the Dockerfile of a directory. */
export interface Builder {
  readonly name: string;
  /** Where its own copy of a context is. */
  readonly home: string;
  /** Milliseconds of one build of a directory below its home. */
  build(context: string, options: { readonly isCold: boolean }): Promise<number>;
}

const program = join(import.meta.dirname, '../../bin/tscompose');
const limit = { timeoutMs: 600_000 };

/** `tscompose build` with the store of `env`. */
export function tscomposeBuilder(home: string, env: NodeJS.ProcessEnv): Builder {
  return {
    name: 'tscompose',
    home,
    build(context, { isCold }) {
      const file = join(home, `${context}.json`);
      const services = { app: { image: `bench/${context}:1`, build: `./${context}` } };
      writeFileSync(file, JSON.stringify({ name: 'bench', services }));
      const argv = [program, '-f', file, 'build', '--quiet', ...(isCold ? ['--no-cache'] : [])];
      return timed({ argv, cwd: home, env, ...limit });
    },
  };
}

/** Both builders of a Docker: the classic one, and BuildKit where its client has it without a plugin. */
export async function dockerBuilders(home: string, daemon: DockerDaemon): Promise<readonly Builder[]> {
  // A newer client needs a plugin for BuildKit; the distribution's own belongs to its dockerd.
  const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker';
  const builder = (name: string, buildKit: '0' | '1'): Builder => ({
    name,
    home: join(home, name),
    build(context, { isCold }) {
      const flags = ['-q', '--network', 'host', ...(isCold ? ['--no-cache'] : [])];
      const argv = [client, 'build', ...flags, '-t', `bench/${context}:${name}`, join(home, name, context)];
      return timed({ argv, cwd: home, env: { ...daemon.env, DOCKER_BUILDKIT: buildKit }, ...limit });
    },
  });
  const major = Number.parseInt(/version (\d+)/.exec((await answer([client, '--version'])) ?? '')?.[1] ?? '0', 10);
  return [builder('classic', '0'), ...(major < 23 ? [builder('buildkit', '1')] : [])];
}

/** Brings an image from the store of `env` to Docker. */
export async function giveToDocker(
  reference: string,
  { home, env, daemon }: { readonly home: string; readonly env: NodeJS.ProcessEnv; readonly daemon: DockerDaemon },
): Promise<void> {
  const archive = join(home, 'base.tar');
  await timed({ argv: [program, 'image', 'save', '-o', archive, reference], cwd: home, env, ...limit });
  await timed({ argv: ['docker', 'load', '-i', archive], cwd: home, env: daemon.env, ...limit });
}

/** Gives each builder a copy of a context, times kept, so that they start from the same. */
export async function handOut(builders: readonly Builder[], directory: string, name: string): Promise<void> {
  for (const { home } of builders) await cp(directory, join(home, name), { recursive: true, preserveTimestamps: true });
}
