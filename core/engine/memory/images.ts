import { createHash } from 'node:crypto';
import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { ImageSummary } from '../specs.ts';

/** The local image store in memory. */
export interface MemoryImages {
  find(reference: string): ImageSummary | undefined;
  all(): readonly ImageSummary[];
  put(reference: string, revision: string): ImageSummary;
  /** An image made elsewhere, under a name or without one. */
  add(image: ImageSummary, reference: string | undefined): ImageSummary;
  pull(reference: string): ImageSummary;
  tag(reference: string, target: string): void;
  remove(reference: string): { readonly untagged: readonly string[]; readonly deleted: readonly string[] };
}

export function memoryImages({
  images = [],
  registry,
}: {
  images?: readonly (string | ImageSummary)[];
  registry?: readonly string[];
}): MemoryImages {
  const byReference = new Map<string, Omit<ImageSummary, 'references'>>();
  const store: MemoryImages = {
    find(reference) {
      const image = byReference.get(normalise(reference)) ?? [...byReference.values()].find((one) => one.id === reference);
      return image === undefined ? undefined : withReferences(image);
    },
    all: () =>
      [...Map.groupBy(byReference.values(), (image) => image.id).values()].flatMap(([image]) =>
        image === undefined ? [] : [withReferences(image)],
      ),
    put(reference, revision) {
      byReference.set(normalise(reference), summary(reference, revision));
      return store.find(reference) ?? missing(reference);
    },
    add(image, reference) {
      // Without a name it is listed under its id, which is no reference.
      byReference.set(reference === undefined ? image.id : normalise(reference), image);
      return withReferences(image);
    },
    pull(reference) {
      if (registry !== undefined && !registry.includes(reference)) {
        throw new TscomposeError(diagnose('engine.pull-failed', { reference, reason: 'not found' }));
      }
      return store.find(reference) ?? store.put(reference, 'pulled');
    },
    tag(reference, target) {
      byReference.set(normalise(target), byReference.get(normalise(reference)) ?? missing(reference));
    },
    remove(reference) {
      if (byReference.delete(reference)) return { untagged: [], deleted: [reference] };
      const image = byReference.get(normalise(reference)) ?? missing(reference);
      byReference.delete(normalise(reference));
      const isLast = ![...byReference.values()].some((one) => one.id === image.id);
      return { untagged: [normalise(reference)], deleted: isLast ? [image.id] : [] };
    },
  };
  for (const image of images) {
    if (typeof image === 'string') store.put(image, 'local');
    else for (const reference of image.references) byReference.set(normalise(reference), image);
  }
  return store;

  function withReferences(image: Omit<ImageSummary, 'references'>): ImageSummary {
    const references = [...byReference]
      .flatMap(([reference, one]) => (one.id === image.id && reference !== image.id ? [reference] : []))
      .sort();
    return { ...image, references };
  }
}

function missing(reference: string): never {
  throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
}

/** Short names mean Docker Hub's long ones. */
function normalise(reference: string): string {
  const [, name = reference, suffix = ''] = /^(.*?)([:@][^/]*)?$/.exec(reference) ?? [];
  const [first = ''] = name.split('/');
  const hasHost = name.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  const full = hasHost ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
  return full + (suffix === '' ? ':latest' : suffix);
}

function summary(reference: string, revision: string): Omit<ImageSummary, 'references'> {
  const digest = (kind: string) =>
    `sha256:${createHash('sha256')
      .update(`${kind} ${normalise(reference)} ${revision}`)
      .digest('hex')}`;
  return {
    id: digest('config'),
    digest: digest('manifest'),
    createdAt: '2026-01-01T00:00:00Z',
    sizeBytes: 1_000_000,
    platform: { os: 'linux', architecture: 'amd64' },
    config: { Cmd: ['/bin/sh'] },
    layers: [digest('layer')],
  };
}
