import { createHash } from 'node:crypto';
import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { ImageSummary } from '../specs.ts';
import type { DiskUsage, EngineStore } from '../store.ts';
import type { MemoryContainer } from './container.ts';
import type { MemoryImages } from './images.ts';

const emptyArchive = Buffer.alloc(1024);

export interface MemoryStoreParts {
  readonly images: MemoryImages;
  readonly containers: ReadonlyMap<string, MemoryContainer>;
  /** Volumes and networks, with the names of their users. */
  readonly resources: () => Pick<DiskUsage, 'volumes' | 'networks'>;
  readonly begin: (call: { readonly name: keyof EngineStore; readonly subject: string }, signal?: AbortSignal) => Promise<void>;
}

/** `EngineStore` in memory: containers have no files, so archives are empty and layers of changes do not exist. */
export function memoryStore({ images, containers, resources, begin }: MemoryStoreParts): EngineStore {
  const get = (id: string): MemoryContainer => {
    const found = containers.get(id);
    if (found === undefined) throw new TscomposeError(diagnose('engine.container-not-found', { id: id.slice(0, 12) }));
    return found;
  };
  const usersOf = (imageId: string): readonly string[] =>
    [...containers.values()]
      .filter((one) => one.image.id === imageId)
      .map((one) => one.name)
      .sort();
  return {
    async exportContainer(id, output, signal) {
      await begin({ name: 'exportContainer', subject: get(id).name }, signal);
      output.write(emptyArchive);
    },
    async saveImages({ references, output, signal }) {
      await begin({ name: 'saveImages', subject: references.join(' ') }, signal);
      const found = references.map((reference) => {
        const image = images.find(reference);
        if (image === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
        return image;
      });
      output.write(emptyArchive);
      return found;
    },
    describeImage: async (reference) => {
      const image = images.find(reference);
      if (image === undefined) return undefined;
      const { config, createdAt: created, platform, layers } = image;
      const document = JSON.stringify({
        created,
        ...platform,
        config,
        rootfs: { type: 'layers', diff_ids: layers },
        history: [],
      });
      const storedLayers = layers.map((diffId) => ({
        diffId,
        sizeBytes: image.sizeBytes,
        archive: diffId,
        archiveBytes: image.sizeBytes,
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        directory: `/memory/${diffId}`,
      }));
      return { ...image, document, manifestBytes: document.length, storedLayers };
    },
    async pruneImages({ all, untilMs, labels, withoutLabels }) {
      await begin({ name: 'pruneImages', subject: all ? 'all' : 'dangling' });
      const hasLabel = ({ config }: ImageSummary, wanted: string): boolean => {
        const [key = '', value] = wanted.split(/=(.*)/s);
        const found = config.Labels?.[key];
        return found !== undefined && (value === undefined || found === value);
      };
      const doomed = images
        .all()
        .filter((image) => usersOf(image.id).length === 0)
        .filter((image) => all || image.references.length === 0)
        .filter((image) => untilMs === undefined || Date.parse(image.createdAt) < untilMs)
        .filter((image) => labels.every((one) => hasLabel(image, one)) && !withoutLabels.some((one) => hasLabel(image, one)));
      for (const { references, id } of doomed) {
        for (const reference of references.length > 0 ? references : [id]) images.remove(reference);
      }
      return {
        untagged: doomed.flatMap((image) => image.references),
        deleted: doomed.map((image) => image.id),
        reclaimedBytes: doomed.reduce((sum, image) => sum + image.sizeBytes, 0),
      };
    },
    async diskUsage() {
      const rows = images.all().map(({ id, references, createdAt, sizeBytes }) => {
        return { id, references, createdAt, sizeBytes, sharedBytes: 0, uniqueBytes: sizeBytes, usedBy: usersOf(id) };
      });
      const sum = (list: typeof rows) => list.reduce((total, row) => total + row.sizeBytes, 0);
      return {
        images: rows,
        imageBytes: sum(rows),
        reclaimableImageBytes: sum(rows.filter((row) => row.usedBy.length === 0)),
        containers: [...containers.values()].map(({ id, name, spec, state, image }) => ({
          id,
          name,
          project: spec.project,
          service: spec.serviceName,
          state,
          image: spec.image,
          imageId: image.id,
          writableBytes: 0,
          logBytes: 0,
        })),
        ...resources(),
      };
    },
    async commitContainer(id, { reference, ...commit }, signal) {
      const { name, image } = get(id);
      await begin({ name: 'commitContainer', subject: name }, signal);
      const digest = (kind: string) =>
        `sha256:${createHash('sha256')
          .update(`${kind} ${id} ${JSON.stringify(commit)}`)
          .digest('hex')}`;
      return images.add({ ...image, id: digest('config'), digest: digest('manifest') }, reference);
    },
  };
}
