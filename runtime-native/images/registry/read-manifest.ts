import { sha256Digest } from '../digest.ts';
import { mediaTypes } from '../media-types.ts';
import type { PullClient } from './open-repository.ts';
import { RegistryError } from './registry-error.ts';
import { readBytes } from './response-text.ts';

export interface ManifestText {
  readonly text: string;
  /** Of the bytes as they came; what `@sha256:…` pins, an index's for an image of several platforms. */
  readonly digest: string;
  readonly mediaType: string | undefined;
}

/** Reads a manifest or an index by tag or digest; by digest it is verified. */
export async function readManifest(client: Pick<PullClient, 'send'>, name: string): Promise<ManifestText> {
  const { manifest, index, dockerManifest, dockerIndex } = mediaTypes;
  const accept = [manifest, index, dockerManifest, dockerIndex].join(', ');
  const response = await client.send({ target: `manifests/${name}`, headers: { accept } });
  const bytes = await readBytes(response);
  const digest = sha256Digest(bytes);
  if (name.startsWith('sha256:') && digest !== name) throw new RegistryError(`manifest ${name} is damaged`);
  const text = bytes.toString();
  return { text, digest, mediaType: mediaTypeOf(text) ?? response.header('content-type')?.split(';')[0] };
}

/** What the document says of itself wins; old ones say nothing. */
function mediaTypeOf(text: string): string | undefined {
  try {
    const document = JSON.parse(text) as { readonly mediaType?: unknown; readonly manifests?: unknown }; // parser: checked below
    if (typeof document.mediaType === 'string' && document.mediaType !== '') return document.mediaType;
    return Array.isArray(document.manifests) ? mediaTypes.index : undefined;
  } catch {
    return undefined; // whoever reads it says so
  }
}
