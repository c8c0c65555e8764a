import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import type { EngineContext } from '../engine-context.ts';
import { prepareVolume } from '../volumes/volume-mount.ts';
import type { StoredContainer } from './stored-container.ts';

export interface PreparedMounts {
  /** Host path to bind, by target. */
  readonly sources: Readonly<Record<string, string>>;
  readonly prepare: SupervisorSpec['prepare'];
}

/** Host sources of the mounts of a container that are not bound as they are. */
export async function prepareMounts(context: EngineContext, container: StoredContainer): Promise<PreparedMounts> {
  const sources: Record<string, string> = {};
  const prepare: SupervisorSpec['prepare'][number][] = [];
  const images = await context.images();
  for (const [index, mount] of container.mounts.entries()) {
    if (mount.type === 'volume') {
      const ready = await prepareVolume(context, mount, () => subpathTarget(index));
      sources[mount.target] = ready.source;
      prepare.push(...ready.prepare);
    }
    if (mount.type === 'bind' && mount.recursive === 'disabled' && statSync(mount.source).isDirectory()) {
      // crun binds recursively whatever it is told: it gets a copy of the tree without what is mounted below.
      const target = join(context.paths.containerState(container.id), 'flat', String(index));
      mkdirSync(target, { recursive: true, mode: 0o700 });
      prepare.push({ kind: 'mount', source: mount.source, target, fstype: 'none', options: 'bind' });
      sources[mount.target] = target;
    }
    if (mount.type === 'image') {
      const lower = images.lowerDirectories(mount.imageId);
      let base = lower[0] ?? '/';
      if (lower.length > 1) {
        // An overlay without an upper directory needs two lower ones; one alone is bound as it is.
        base = join(context.paths.containerState(container.id), 'images', String(index));
        mkdirSync(base, { recursive: true, mode: 0o700 });
        prepare.push({
          kind: 'mount',
          source: 'overlay',
          target: base,
          fstype: 'overlay',
          options: `ro,lowerdir=${lower.join(':')}`,
        });
      }
      if (mount.subpath) prepare.push({ kind: 'subpath', base, path: mount.subpath, target: subpathTarget(index) });
      sources[mount.target] = mount.subpath ? subpathTarget(index) : base;
    }
  }
  return { sources, prepare };

  function subpathTarget(index: number): string {
    const directory = join(context.paths.containerState(container.id), 'subpaths');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return join(directory, String(index));
  }
}
