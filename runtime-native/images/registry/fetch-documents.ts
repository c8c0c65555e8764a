import { sha256Digest } from '../digest.ts';
import { type Descriptor, parseIndex } from '../image-document.ts';
import { isIndex } from '../media-types.ts';
import { choosePlatform, type Platform } from '../platform.ts';
import type { PullClient } from './open-repository.ts';
import { readManifest } from './read-manifest.ts';
import { RegistryError } from './registry-error.ts';
import { readBytes } from './response-text.ts';

/** Documents deeper in one another than this are a trick. */
const deepestIndex = 3;
const schema1 = /vnd\.docker\.distribution\.manifest\.v1\b/;

/** The manifest of the image for a platform; a tag or digest may name an index. Rejects with a `RegistryError`. */
export async function fetchManifest(
  client: PullClient,
  request: { readonly name: string; readonly platform: Platform; readonly source: string },
  depth = 0,
): Promise<string> {
  const { text, mediaType } = await readManifest(client, request.name);
  if (schema1.test(mediaType ?? '')) {
    throw new RegistryError(`${request.source} is in the format of 2014 (schema 1), which nobody reads any more`, {
      advice: 'push it again with a current Docker, podman or tscompose',
    });
  }
  if (!isIndex(mediaType)) return text;
  const entries = parseIndex(text, request.source);
  const chosen = choosePlatform(request.platform, entries);
  if (chosen === undefined || depth > deepestIndex) throw noPlatform(request.platform, entries);
  return fetchManifest(client, { ...request, name: chosen.digest }, depth + 1);
}

/** The image configuration, verified; what a mirror damaged is asked of the registry itself. */
export async function fetchConfig(client: PullClient, descriptor: Descriptor): Promise<string> {
  const sources = client.hasMirrors ? [client, client.origin] : [client];
  for (const source of sources) {
    const bytes = await readBytes(await source.send({ target: `blobs/${descriptor.digest}` }));
    if (sha256Digest(bytes) === descriptor.digest) return bytes.toString();
  }
  throw new RegistryError(`the configuration ${descriptor.digest} is damaged`);
}

function noPlatform(platform: Platform, entries: readonly Descriptor[]): RegistryError {
  const offered = entries.flatMap(({ platform: one }) => {
    const { os, architecture, variant } = one ?? {};
    if (os === undefined || os === 'unknown') return []; // attestations
    return [[os, architecture, variant].filter((part) => typeof part === 'string').join('/')];
  });
  const { os, architecture, variant } = platform;
  return new RegistryError(`there is no image for ${os}/${architecture}${variant === undefined ? '' : `/${variant}`}`, {
    advice: offered.length === 0 ? undefined : `it is there for ${[...new Set(offered)].join(', ')}`,
  });
}
