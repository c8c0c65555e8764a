import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { tagImage } from './commit-image.ts';
import { nameMeaning } from './default-registry.ts';
import { findImage, listImages, lowerDirectories, summarise, taggedAt } from './image-queries.ts';
import type { ImageStore } from './image-store.ts';
import type { ImageStoreContext, RegistryContext } from './image-store-context.ts';
import { formatReference, parseReference } from './reference.ts';
import type { RegistryConnections } from './registry/registry-connections.ts';

/** The local image store. Opening does nothing; the parts that write are loaded when they are called. */
export function openImageStore(options: ImageStoreContext): ImageStore {
  let connections: Promise<RegistryConnections> | undefined;
  const context: RegistryContext = {
    ...options,
    connections: () => {
      connections ??= import('./registry/registry-connections.ts').then((one) => one.registryConnections(options.env ?? {}));
      return connections;
    },
  };
  const names = nameMeaning(context);
  return {
    inspect: (text) => {
      const reference = names.here(text);
      const id = findImage(context, reference);
      const summary = id === undefined ? undefined : summarise(context, id);
      const tagged = summary === undefined ? undefined : taggedAt(context, reference);
      return summary === undefined || tagged === undefined ? summary : { ...summary, taggedAt: tagged };
    },
    list: () => listImages(context),
    lowerDirectories: (imageId) => lowerDirectories(context, imageId),
    lookupUser: async (imageId, request) => (await import('./lookup-user.ts')).lookupUser(context, imageId, request),
    import: async ({ reference, ...request }, signal) => {
      const named = reference === undefined ? request : { ...request, reference: names.outside(reference) };
      return (await import('./import-image.ts')).importImage(context, named, signal);
    },
    load: async (path, onProgress, signal) =>
      (await import('./load-images.ts')).loadImages(context, { path, onProgress, signal }),
    pull: async (text, options, onProgress, signal) => {
      const reference = names.outside(text);
      return (await import('./pull-image.ts')).pullImage(context, { reference, platform: options.platform, onProgress, signal });
    },
    commit: async (request) => (await import('./commit-tree.ts')).commitTree(context, request),
    save: async (request) => (await import('./save-images.ts')).saveImages(context, request),
    describe: async (reference) => (await import('./describe-image.ts')).describeImage(context, names.here(reference)),
    prune: async (request) => (await import('./prune-images.ts')).pruneImages(context, request),
    archiveTree: async (request) => (await import('./archive-tree.ts')).archiveTree(context, request),
    push: async (text, onProgress, signal) => {
      const request = { reference: names.outside(text), local: names.here(text), onProgress, signal };
      return (await import('./push-image.ts')).pushImage(context, request);
    },
    pin: async (reference, signal) =>
      (await import('./pin-reference.ts')).pinReference(context, names.outside(reference), signal),
    tag: (reference, target) => {
      const id = findImage(context, names.here(reference));
      if (id === undefined) throw new TscomposeError(diagnose('engine.image-not-found', { reference }));
      const parsed = parseReference(names.outside(target));
      if (parsed.digest !== undefined) {
        throw new TscomposeError(
          diagnose('engine.invalid-reference', { reference: target, reason: 'a new name cannot have a digest' }),
        );
      }
      tagImage(context, { reference: formatReference(parsed), id, now: new Date().toISOString() });
    },
    remove: async (reference, options) =>
      (await import('./remove-image.ts')).removeImage(context, names.here(reference), options),
  };
}
