import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheTarget } from '#core/builder/cache-location.ts';
import { atomicWrite } from '../../host/atomic-write.ts';
import { digestHex, sha256Digest } from '../../images/digest.ts';
import type { RegistryContext } from '../../images/image-store-context.ts';
import { mediaTypes } from '../../images/media-types.ts';
import { parseReference } from '../../images/reference.ts';
import { openForPush } from '../../images/registry/open-repository.ts';
import { putManifest } from '../../images/registry/put-manifest.ts';
import { fileBlob, uploadBlob } from '../../images/registry/upload-blob.ts';

/** A place that takes blobs and then the manifest that names them. */
export interface OpenedTarget {
  readonly put: (blob: { readonly path: string; readonly digest: string; readonly sizeBytes: number }) => Promise<void>;
  readonly finish: (manifest: string) => Promise<void>;
}

/** Opens a directory or a registry to write to. */
export async function openCacheTarget(
  context: RegistryContext,
  target: Exclude<CacheTarget, { type: 'inline' }>,
  signal: AbortSignal,
): Promise<OpenedTarget> {
  return target.type === 'local' ? openDirectory(target) : openRegistry(context, target.reference, signal);
}

async function openRegistry(context: RegistryContext, text: string, signal: AbortSignal): Promise<OpenedTarget> {
  const reference = parseReference(text);
  const client = await openForPush({ reference, otherRepositories: [], connections: await context.connections(), signal });
  return {
    put: async (blob) => void (await uploadBlob({ client, blob: fileBlob(blob), mountFrom: [], onBytes: () => {}, signal })),
    finish: async (text) => {
      const manifest = Buffer.from(text);
      await putManifest(client, { name: reference.tag ?? 'latest', manifest, digest: sha256Digest(manifest) });
    },
  };
}

/** An OCI layout; entries with other tags stay, so that one directory can hold the caches of several services. */
function openDirectory({ directory, tag }: Extract<CacheTarget, { type: 'local' }>): OpenedTarget {
  const blobs = join(directory, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const placed = (digest: string, sizeBytes: number, write: (path: string) => void): void => {
    const path = join(blobs, digestHex(digest));
    if (lstatSync(path, { throwIfNoEntry: false })?.size === sizeBytes) return;
    const temporary = `${path}.${process.pid}.tmp`;
    write(temporary);
    renameSync(temporary, path);
  };
  return {
    put: async ({ path, digest, sizeBytes }) => placed(digest, sizeBytes, (to) => copyFileSync(path, to)),
    finish: async (manifest) => {
      const digest = sha256Digest(manifest);
      const size = Buffer.byteLength(manifest);
      placed(digest, size, (to) => writeFileSync(to, manifest));
      const index = join(directory, 'index.json');
      const annotations = { 'org.opencontainers.image.ref.name': tag };
      const manifests = [...otherEntries(index, tag), { mediaType: mediaTypes.manifest, digest, size, annotations }];
      writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      atomicWrite({
        path: index,
        data: JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }),
        mode: 0o644,
      });
    },
  };
}

/** What an index has under other tags; one that cannot be read is replaced. */
function otherEntries(path: string, tag: string): readonly unknown[] {
  if (!existsSync(path) || !statSync(path).isFile()) return [];
  try {
    const { manifests } = JSON.parse(readFileSync(path, 'utf8')) as { readonly manifests?: unknown }; // parser: checked below
    if (!Array.isArray(manifests)) return [];
    return manifests.filter((one) => one?.annotations?.['org.opencontainers.image.ref.name'] !== tag);
  } catch {
    return []; // half a file of something else
  }
}
