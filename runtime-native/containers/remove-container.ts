import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import { removeEmptyGroups } from '../host/cgroup-mounts.ts';
import { cgroupParent } from '../host/cgroup-parent.ts';
import { supervisorGroup } from '../host/leave-session.ts';
import { removeTree } from '../host/remove-tree.ts';
import { noteEvent } from '../journal/journal.ts';
import { defaultNetwork, dropDefaultNetwork } from '../network/default-network.ts';
import { findVolume, volumeUsers } from '../volumes/stored-volume.ts';
import { unmountVolume } from '../volumes/volume-mount.ts';
import { removeVolume } from '../volumes/volumes.ts';
import { containerStatus } from './alive.ts';
import { releasePorts } from './claim.ts';
import { type ContainerRow, findContainer } from './container-rows.ts';
import { removeSharedMemory } from './shared-memory.ts';
import { stopContainer } from './stop-container.ts';
import { sweepContainer } from './sweep.ts';

/** Removes a container that does not run, with its layer, log, leases and, when asked, its anonymous volumes. Absent is fine. */
export async function removeContainer(
  context: EngineContext,
  id: string,
  options: { readonly volumes?: boolean },
): Promise<void> {
  const { database, paths } = context;
  const row = findContainer(database, id);
  if (row === undefined) return;
  await stopHalfStarted(context, id);
  const { kind } = containerStatus(context, id);
  if (kind === 'live') throw new TscomposeError(diagnose('engine.container-running', { name: row.name }));
  if (kind === 'orphaned') await sweepContainer(context, id);
  await releasePorts(context, id);
  const doomed = join(paths.temporary, `removed-${process.pid}-${id}`);
  mkdirSync(paths.temporary, { recursive: true, mode: 0o700 });
  database.prepare('DELETE FROM containers WHERE id = ?').run(id);
  noteEvent(context, row, { action: 'destroy' });
  // A process killed here leaves a directory without a row, which a later sweep removes.
  moveIfThere(paths.containerState(id), doomed);
  removeTree(paths.containerRun(id));
  rmSync(doomed, { recursive: true, force: true });
  removeSharedMemory(row);
  await releaseVolumes(context, row, options.volumes ?? false);
  if (row.stored.networks.some((one) => one.name === defaultNetwork)) await dropDefaultNetwork(context);
  removeEmptyCgroups(context, row);
}

/** One whose start never ended (its command was killed, its status could not be written) counts as created: no stop comes before. */
async function stopHalfStarted(context: EngineContext, id: string): Promise<void> {
  const current = containerStatus(context, id);
  if (current.kind === 'live' && current.status.state === 'starting') await stopContainer(context, id, { timeoutMs: 0 });
}

async function releaseVolumes(context: EngineContext, row: ContainerRow, withAnonymous: boolean): Promise<void> {
  for (const mount of row.stored.mounts) {
    if (mount.type !== 'volume' || volumeUsers(context.database, mount.volume).length > 0) continue;
    const volume = findVolume(context.database, mount.volume);
    if (volume === undefined) continue;
    if (volume.anonymous && withAnonymous) await removeVolume(context, volume.name);
    // A shared tmpfs lives as long as a container refers to it.
    else await unmountVolume(context, volume);
  }
}

/** With the last container our parent directories go too; somebody else's children keep them. */
function removeEmptyCgroups(context: EngineContext, row: ContainerRow): void {
  const { mounts, mode } = context.facts().cgroups;
  const asked = row.stored.spec.service.cgroup_parent;
  if (asked && mode === 'v2') removeEmptyGroups(mounts, cgroupParent(context.names, { asked, mode }));
  const left = context.database.prepare('SELECT 1 FROM containers LIMIT 1').get();
  if (left !== undefined) return;
  for (const group of [context.names.cgroupParent, supervisorGroup]) removeEmptyGroups(mounts, group);
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
