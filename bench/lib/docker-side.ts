import { startDockerCompose } from './docker-daemon.ts';
import type { Side } from './side.ts';
import { timed } from './timed.ts';
import { sleeperImage, type Workspace } from './workspace.ts';

export interface DockerSide extends Side, AsyncDisposable {
  /** Names and versions, for the report. */
  readonly versions: string;
}

/** Docker Compose against a dockerd of its own. Undefined where Docker is not installed. */
export async function dockerSide(workspace: Workspace): Promise<DockerSide | undefined> {
  const daemon = await startDockerCompose(workspace.directory);
  if (daemon === undefined) return undefined;
  const env = { ...daemon.env, COMPOSE_PROJECT_NAME: 'bench' };
  const run = (...argv: readonly string[]): Promise<number> => timed({ argv, cwd: workspace.project, env });
  const stop = () => daemon[Symbol.asyncDispose]();
  try {
    await run('docker', 'import', '--change', 'ENTRYPOINT ["/sleeper"]', workspace.imageArchive, sleeperImage);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'docker',
    versions: daemon.versions,
    up: () => run(...daemon.compose, 'up', '-d'),
    unchanged: () => run(...daemon.compose, 'up', '-d'),
    down: () => run(...daemon.compose, 'down'),
    [Symbol.asyncDispose]: stop,
  };
}
