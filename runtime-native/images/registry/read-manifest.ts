import { sha256Digest } from '../digest.ts';
import { maxDocumentBytes } from '../image-document.ts';
import { mediaTypes } from '../media-types.ts';
import { type RegistryClient, RegistryError } from './registry-client.ts';

export interface ManifestText {
  readonly text: string;
  /** Of the bytes as they came; what `@sha256:…` pins, an index's for an image of several platforms. */
  readonly digest: string;
  readonly mediaType: string | null;
}

/** Reads a manifest or an index by tag or digest; by digest it is verified. */
export async function readManifest(client: RegistryClient, name: string): Promise<ManifestText> {
  const { manifest, index, dockerManifest, dockerIndex } = mediaTypes;
  const response = await client.get(`manifests/${name}`, { accept: [manifest, index, dockerManifest, dockerIndex].join(', ') });
  const text = await readText(response);
  const digest = sha256Digest(text);
  if (name.startsWith('sha256:') && digest !== name) throw new RegistryError(`manifest ${name} is damaged`);
  const mediaType = /"mediaType"\s*:\s*"([^"]+)"/.exec(text.slice(0, 300))?.[1] ?? response.headers.get('content-type');
  return { text, digest, mediaType };
}

/** The body of a small document; a larger one is refused, not held in memory. */
export async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxDocumentBytes) throw new RegistryError(`a document has more than ${maxDocumentBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
