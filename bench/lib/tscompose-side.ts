import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { supervisorMemory } from './memory.ts';
import type { Side } from './side.ts';
import { timed } from './timed.ts';
import { sleeperImage, type Workspace } from './workspace.ts';

export interface TscomposeSide extends Side {
  /** A command that changes nothing, timed. */
  command(...args: readonly string[]): Promise<number>;
}

/** The `tscompose` of this checkout with a state root of its own. */
export async function tscomposeSide(root: string, workspace: Workspace): Promise<TscomposeSide> {
  const stateRoot = join(workspace.directory, 's');
  const { TSCOMPOSE_DEV: _, ...outer } = process.env;
  const env = { ...outer, TSCOMPOSE_ROOT: stateRoot, COMPOSE_PROJECT_NAME: 'bench' };
  const command = (...args: readonly string[]): Promise<number> =>
    timed({ argv: [join(root, 'bin/tscompose'), ...args], cwd: workspace.project, env });
  if (!existsSync(join(root, 'bin/tscompose'))) throw new Error('bin/tscompose is missing');
  await command('image', 'import', '--change', 'ENTRYPOINT ["/sleeper"]', workspace.imageArchive, sleeperImage);
  return {
    name: 'tscompose',
    command,
    up: () => command('up', '-d'),
    unchanged: () => command('up', '-d'),
    down: () => command('down'),
    memory: async () => supervisorMemory(join(stateRoot, 'run')),
  };
}
