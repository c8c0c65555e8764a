import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { ContainerSpec, ImageSummary } from '../specs.ts';
import type { MemoryContainer } from './container.ts';

/** Mounts of a new container: those of the spec, then anonymous volumes for what the image declares and nothing covers. */
export function resolveMounts({
  spec,
  image,
  inherited,
  isAnonymous,
  makeAnonymous,
}: {
  spec: ContainerSpec;
  image: ImageSummary;
  /** Mounts of the container whose anonymous volumes are taken over. */
  inherited: MemoryContainer['mounts'];
  isAnonymous: (volume: string) => boolean;
  makeAnonymous: () => string;
}): MemoryContainer['mounts'] {
  const known = new Map(inherited.flatMap((mount) => (mount.anonymous ? [[mount.target, mount.source] as const] : [])));
  const anonymous = (target: string) => known.get(target) ?? makeAnonymous();
  const written = spec.mounts.map((mount): MemoryContainer['mounts'][number] => {
    const { type, target } = mount;
    const source =
      type === 'volume'
        ? (mount.volume ?? anonymous(target))
        : type === 'bind'
          ? mount.source
          : type === 'image'
            ? mount.image
            : '';
    const readOnly = mount.type !== 'image' && mount.readOnly;
    return { type, source, target, anonymous: type === 'volume' && isAnonymous(source), ...(readOnly ? { readOnly } : {}) };
  });
  const targets = new Set(written.map((mount) => mount.target));
  const declared = Object.keys(image.config.Volumes ?? {}).filter((target) => !targets.has(target));
  return [
    ...written,
    ...declared.map((target) => ({ type: 'volume' as const, source: anonymous(target), target, anonymous: true })),
  ];
}

/** Volumes of this engine have names and users, but no files. */
export async function refuseFiles(name: string): Promise<never> {
  throw new TscomposeError(diagnose('engine.volume-not-transferable', { name, reason: 'the engine in memory keeps no files' }));
}
