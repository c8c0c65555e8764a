import { mediaTypes } from '../media-types.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** Puts a manifest or an index under a tag or its digest; what it names must be there. Rejects with a `RegistryError`. */
export async function putManifest(
  client: RegistryClient,
  { name, manifest, digest }: { readonly name: string; readonly manifest: Buffer; readonly digest: string },
): Promise<void> {
  const response = await client.send({
    method: 'PUT',
    target: `manifests/${name}`,
    headers: { 'content-type': manifestType(manifest) },
    body: manifest,
    accepts: [200, 201, 202],
  });
  response.body.resume();
  const stored = response.header('docker-content-digest');
  if (stored !== undefined && stored !== digest) throw new RegistryError(`${client.registry} stored the manifest as ${stored}`);
}

/** Media type of a manifest's text. A docker-archive's or an old image's manifest may not name its own type; then it is OCI's. */
export function manifestType(manifest: Buffer): string {
  const { mediaType } = JSON.parse(manifest.toString()) as { readonly mediaType?: unknown }; // whoever made it has read or written it
  return typeof mediaType === 'string' && mediaType !== '' ? mediaType : mediaTypes.manifest;
}
