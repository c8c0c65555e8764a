import type { EngineContext } from '../engine-context.ts';
import { sweepWorkspaces } from '../images/workspace.ts';
import { sweepBuildContainers } from './build-containers.ts';
import { sweepBuildNetworks } from './build-network.ts';

/** Removes what killed builds have left: half-made files, containers of RUN steps, their networks. */
export async function sweepBuilds(context: EngineContext): Promise<void> {
  const { database, paths, programs } = context;
  await sweepWorkspaces({ database, paths, helper: programs.helper });
  await sweepBuildContainers(context);
  await sweepBuildNetworks(context);
}
