import { createHash } from 'node:crypto';
import { TscomposeError } from '../../diagnostics/error.ts';
import { diagnose } from '../catalogue.ts';
import type { EngineStore } from '../store.ts';
import type { MemoryContainer } from './container.ts';
import type { MemoryImages } from './images.ts';

const emptyArchive = Buffer.alloc(1024);

export interface MemoryStoreParts {
  readonly images: MemoryImages;
  readonly containers: ReadonlyMap<string, MemoryContainer>;
  readonly begin: (call: { readonly name: keyof EngineStore; readonly subject: string }, signal?: AbortSignal) => Promise<void>;
}

/** `EngineStore` in memory: containers have no files, so archives are empty and layers of changes do not exist. */
export function memoryStore({ images, containers, begin }: MemoryStoreParts): EngineStore {
  const get = (id: string): MemoryContainer => {
    const found = containers.get(id);
    if (found === undefined) throw new TscomposeError(diagnose('engine.container-not-found', { id: id.slice(0, 12) }));
    return found;
  };
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
