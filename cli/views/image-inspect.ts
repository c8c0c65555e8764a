import type { ImageDetail } from '#core/engine/store.ts';
import { familiar } from './image-name.ts';

/** An image in the shape of `docker image inspect`. */
export function inspectedImage(image: ImageDetail): Readonly<Record<string, unknown>> {
  const document = JSON.parse(image.document) as Readonly<Record<string, unknown>>; // the engine has read it
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const history = Array.isArray(document['history']) ? (document['history'] as readonly { readonly comment?: unknown }[]) : [];
  const repositories = new Set(
    image.references.map((name) =>
      familiar(name)
        .replace(/@.*$/, '')
        .replace(/:[^/:]*$/, ''),
    ),
  );
  const lower = image.storedLayers.map((layer) => layer.directory).reverse();
  return {
    Id: image.id,
    RepoTags: image.references.filter((name) => !name.includes('@')).map(familiar),
    RepoDigests: [...repositories].map((name) => `${name}@${image.digest}`),
    Parent: '',
    Comment: text(document['comment']) || text(history.at(-1)?.comment),
    Created: image.createdAt,
    DockerVersion: text(document['docker_version']),
    Author: text(document['author']),
    Architecture: image.platform.architecture,
    ...(image.platform.variant === undefined ? {} : { Variant: image.platform.variant }),
    Os: image.platform.os,
    Size: image.sizeBytes,
    GraphDriver: {
      Name: 'overlay',
      Data: { UpperDir: lower[0] ?? '', ...(lower.length > 1 ? { LowerDir: lower.slice(1).join(':') } : {}) },
    },
    RootFS: { Type: 'layers', Layers: image.layers },
    Metadata: { LastTagTime: image.taggedAt ?? '0001-01-01T00:00:00Z' },
    Descriptor: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: image.digest,
      size: image.manifestBytes,
    },
    Config: document['config'] ?? {},
  };
}
