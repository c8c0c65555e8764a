import { readFileSync, statSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import type { StoredMount } from '../containers/stored-container.ts';
import type { EngineContext } from '../engine-context.ts';
import { canMount } from '../host/file-systems.ts';
import { runProgram } from '../host/run-program.ts';
import { resolvedOptions } from './network-mount.ts';
import { findVolume, type StoredVolume, volumeData } from './stored-volume.ts';
import { volumeSource } from './volume-driver.ts';

export interface PreparedVolume {
  /** Host path to bind. */
  readonly source: string;
  readonly prepare: SupervisorSpec['prepare'];
}

/**
 * Makes a volume ready for a start: what to bind and what the supervisor prepares in its private mount namespace (fill
 * from the image, mount of a driver's file system). A tmpfs is mounted on the host, because all its users share it.
 */
export async function prepareVolume(
  context: EngineContext,
  mount: Extract<StoredMount, { type: 'volume' }>,
  /** Makes a place where the supervisor may bind a subpath. */
  makeTarget: () => string,
): Promise<PreparedVolume> {
  const volume = findVolume(context.database, mount.volume);
  if (volume === undefined) throw new TscomposeError(diagnose('engine.volume-not-found', { name: mount.volume }));
  const source = volumeSource(volume.spec);
  const data = volumeData(context, volume.name);
  const prepare: SupervisorSpec['prepare'][number][] = [];
  let directory = data;
  if (source.kind === 'bind') directory = source.device;
  if (source.kind === 'tmpfs') await mountTmpfs(data, source.options);
  if (source.kind === 'mount') {
    const options = await mountOptions(volume.name, source);
    prepare.push({ kind: 'mount', source: source.source, target: data, fstype: source.fstype, options });
  }
  if (source.kind === 'bind' && statSync(directory, { throwIfNoEntry: false }) === undefined) {
    throw new TscomposeError(
      diagnose('engine.unsupported-option', {
        kind: 'volume',
        name: volume.name,
        option: 'device',
        reason: `"${directory}" does not exist`,
      }),
    );
  }
  if (mount.subpath) {
    const target = makeTarget();
    prepare.push({ kind: 'subpath', base: directory, path: mount.subpath, target });
    return { source: target, prepare };
  }
  if (!mount.noCopy) prepare.push({ kind: 'fill', from: mount.target, to: directory });
  return { source: directory, prepare };
}

/** Refuses what the kernel cannot mount and names that nobody knows, before the container's set-up fails with an errno. */
async function mountOptions(name: string, source: { readonly fstype: string; readonly options: string }): Promise<string> {
  const refuse = (option: string, reason: string) =>
    new TscomposeError(diagnose('engine.unsupported-option', { kind: 'volume', name, option, reason }));
  if (!canMount(source.fstype)) {
    throw refuse('type', `this kernel has no file system "${source.fstype}", and no module for it`);
  }
  return resolvedOptions(source).catch((error: unknown) => {
    throw refuse('o', `the address of its server is not known: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/** Takes away what `prepareVolume` has mounted on the host; for removal, and when no container that runs uses it. */
export async function unmountVolume(context: EngineContext, volume: StoredVolume): Promise<void> {
  if (volumeSource(volume.spec).kind !== 'tmpfs') return;
  const data = volumeData(context, volume.name);
  while (isMounted(data)) await runProgram({ argv: ['umount', data] });
}

async function mountTmpfs(target: string, options: string): Promise<void> {
  if (isMounted(target)) return;
  await runProgram({ argv: ['mount', '-t', 'tmpfs', '-o', options || 'mode=0755', 'tmpfs', target] });
}

function isMounted(path: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[4] === path);
}
