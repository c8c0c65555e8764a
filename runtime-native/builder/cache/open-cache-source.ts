import { createReadStream, createWriteStream, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CacheSource } from '#core/builder/cache-location.ts';
import { digestHex, sha256Digest } from '../../images/digest.ts';
import {
  type Descriptor,
  invalid,
  maxDocumentBytes,
  parseImageDocument,
  parseIndex,
  parseJson,
  parseManifest,
} from '../../images/image-document.ts';
import type { RegistryContext } from '../../images/image-store-context.ts';
import { isIndex } from '../../images/media-types.ts';
import { choosePlatform, type Platform } from '../../images/platform.ts';
import { parseReference } from '../../images/reference.ts';
import { downloadBlob } from '../../images/registry/download-blob.ts';
import { fetchConfig, fetchManifest } from '../../images/registry/fetch-documents.ts';
import { openForPull } from '../../images/registry/open-repository.ts';
import { type CacheDocument, cacheMediaType, parseCacheDocument, parseInlineCache } from './cache-document.ts';

/** A build cache that somebody left, as it says of itself. */
export interface OpenedCache {
  readonly label: string;
  readonly document: CacheDocument;
  /** Puts a layer's archive at a path; whoever unpacks it checks the digest. */
  readonly fetch: (blob: CacheDocument['layers'][number]['blob'], target: string) => Promise<void>;
}

interface Request {
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

/** Reads the list of what a cache has. Rejects when there is none, or none that can be read. */
export function openCacheSource(context: RegistryContext, source: CacheSource, request: Request): Promise<OpenedCache> {
  return source.type === 'local' ? openDirectory(source, request) : openRegistry(context, source.reference, request);
}

async function openRegistry(context: RegistryContext, text: string, { platform, signal }: Request): Promise<OpenedCache> {
  const reference = parseReference(text);
  const client = openForPull({ reference, connections: await context.connections(), signal });
  const manifest = await fetchManifest(client, { name: reference.digest ?? reference.tag ?? 'latest', platform, source: text });
  const document = await documentOf(manifest, text, (config) => fetchConfig(client, config));
  return {
    label: text,
    document,
    fetch: async (descriptor, target) => downloadBlob({ context, client, descriptor, target, onBytes: () => {}, signal }),
  };
}

async function openDirectory(
  source: Extract<CacheSource, { type: 'local' }>,
  { platform, signal }: Request,
): Promise<OpenedCache> {
  const { directory } = source;
  const blob = (descriptor: Pick<Descriptor, 'digest'>) => join(directory, 'blobs', 'sha256', digestHex(descriptor.digest));
  const text = (descriptor: Descriptor): string => {
    const found = readDocument(blob(descriptor), directory);
    if (sha256Digest(found) !== descriptor.digest) throw invalid(directory, `blob ${descriptor.digest} is damaged`);
    return found;
  };
  const entries = parseIndex(readDocument(join(directory, 'index.json'), directory), directory);
  let entry =
    source.digest === undefined
      ? (entries.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === source.tag) ??
        (source.tag === 'latest' && entries.length === 1 ? entries[0] : undefined))
      : entries.find(({ digest }) => digest === source.digest);
  if (entry !== undefined && isIndex(entry.mediaType)) entry = choosePlatform(platform, parseIndex(text(entry), directory));
  if (entry === undefined) throw invalid(directory, `it has no entry "${source.digest ?? source.tag}"`);
  const document = await documentOf(text(entry), directory, async (config) => text(config));
  return {
    label: directory,
    document,
    fetch: async (descriptor, target) => {
      const path = blob(descriptor);
      // A pipe would be waited for, and what is longer than announced is not what was meant.
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found?.isFile() !== true || found.size !== descriptor.size)
        throw invalid(directory, `it has no blob ${descriptor.digest}`);
      await pipeline(createReadStream(path), createWriteStream(target, { mode: 0o600, flush: true }), { signal });
    },
  };
}

function readDocument(path: string, source: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > maxDocumentBytes) throw invalid(source, `there is no document "${path}"`);
  return readFileSync(path, 'utf8');
}

/** The cache that a manifest is, or that the image that it describes has inside. */
async function documentOf(
  manifest: string,
  source: string,
  read: (descriptor: Descriptor) => Promise<string>,
): Promise<CacheDocument> {
  const { config, layers } = parseManifest(manifest, source);
  if (config.size > maxDocumentBytes) throw invalid(source, 'its list of steps is too long');
  const text = await read(config);
  if (config.mediaType === cacheMediaType) return parseCacheDocument(text, source);
  const { diffIds } = parseImageDocument(text, source);
  const inline = parseInlineCache({ config: parseJson(text, source), diffIds, layers }, source);
  if (inline === undefined) throw invalid(source, 'it holds no build cache of tscompose');
  return inline;
}
