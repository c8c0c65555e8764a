import { sha256Digest } from '../digest.ts';
import { mediaTypes } from '../media-types.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { readBytes } from './response-text.ts';

export interface ManifestText {
  readonly text: string;
  /** Of the bytes as they came; what `@sha256:…` pins, an index's for an image of several platforms. */
  readonly digest: string;
  readonly mediaType: string | undefined;
}

/** Reads a manifest or an index by tag or digest; by digest it is verified. */
export async function readManifest(client: RegistryClient, name: string): Promise<ManifestText> {
  const { manifest, index, dockerManifest, dockerIndex } = mediaTypes;
  const accept = [manifest, index, dockerManifest, dockerIndex].join(', ');
  const response = await client.send({ target: `manifests/${name}`, headers: { accept } });
  const bytes = await readBytes(response);
  const digest = sha256Digest(bytes);
  if (name.startsWith('sha256:') && digest !== name) throw new RegistryError(`manifest ${name} is damaged`);
  const text = bytes.toString();
  const mediaType = /"mediaType"\s*:\s*"([^"]+)"/.exec(text.slice(0, 300))?.[1] ?? response.header('content-type')?.split(';')[0];
  return { text, digest, mediaType };
}
