import { join } from 'node:path';
import { answer, startDocker } from '#tools/process/docker-daemon.ts';
import type { Side } from './side.ts';
import { timed } from './timed.ts';
import { sleeperImage, type Workspace } from './workspace.ts';

export interface DockerSide extends Side, AsyncDisposable {
  /** Names and versions, for the report. */
  readonly versions: string;
}

/**
 * Docker Compose against a dockerd that lives only for this benchmark: own state, own network and mount namespace (its
 * firewall rules would otherwise change the machine's), stopped by pid. Undefined where Docker is not installed.
 */
export async function dockerSide(workspace: Workspace): Promise<DockerSide | undefined> {
  const compose = await composeProgram();
  const docker = await answer(['docker', '--version']);
  if (compose === undefined || docker === undefined) return undefined;
  const state = join(workspace.directory, 'd');
  const daemon = await startDocker(state);
  const env = { ...daemon.env, COMPOSE_PROJECT_NAME: 'bench' };
  const run = (...argv: readonly string[]): Promise<number> => timed({ argv, cwd: workspace.project, env });
  try {
    await run('docker', 'import', '--change', 'ENTRYPOINT ["/sleeper"]', workspace.imageArchive, sleeperImage);
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name: 'docker',
    versions: `${docker}; ${compose.version}; ${(await answer(['dockerd', '--version'])) ?? ''}`,
    up: () => run(...compose.argv, 'up', '-d'),
    unchanged: () => run(...compose.argv, 'up', '-d'),
    down: () => run(...compose.argv, 'down'),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

/** The plugin of today where it is, else the stand-alone program. */
async function composeProgram(): Promise<{ readonly argv: readonly string[]; readonly version: string } | undefined> {
  for (const argv of [['docker', 'compose'], ['docker-compose']]) {
    const version = await answer([...argv, 'version', '--short']);
    if (version !== undefined) return { argv, version: `${argv.join(' ')} ${version}` };
  }
  return undefined;
}
