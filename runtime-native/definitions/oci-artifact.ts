import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../host/registries-section.ts';
import { digestHex, sha256Digest } from '../images/digest.ts';
import { parseReference } from '../images/reference.ts';
import { openForPull, type PullClient } from '../images/registry/open-repository.ts';
import { readManifest } from '../images/registry/read-manifest.ts';
import { registryConnections } from '../images/registry/registry-connections.ts';
import { RegistryError } from '../images/registry/registry-error.ts';
import { readBytes } from '../images/registry/response-text.ts';
import { cacheEntry } from './cache-entry.ts';
import type { DefinitionRequest } from './definition-request.ts';
import { refused } from './refused.ts';

/** Media types of what `docker compose publish` pushes. */
const types = {
  project: 'application/vnd.docker.compose.project',
  emptyConfig: 'application/vnd.docker.compose.config.empty.v1+json',
  composeFile: 'application/vnd.docker.compose.file+yaml',
  envFile: 'application/vnd.docker.compose.envfile',
} as const;

/** Annotations of its layers: the file's name, and that it is one which another extends. */
const annotationNames = {
  file: 'com.docker.compose.file',
  extends: 'com.docker.compose.extends',
  envFile: 'com.docker.compose.envfile',
} as const;

/** Pulls the compose files of an OCI artifact into the cache; resolves with the path of `compose.yaml` there. */
export async function fetchArtifact(request: DefinitionRequest, cache: string): Promise<string> {
  const connections = registryConnections(request.env, { insecure: request.insecureRegistries });
  try {
    const reference = parseReference(request.reference.replace(/^oci:\/\//i, ''));
    const client = openForPull({ connections, reference, signal: request.signal });
    const top = await readManifest(client, reference.digest ?? reference.tag ?? 'latest');
    const directory = await cacheEntry(cache, digestHex(top.digest), async (into) => {
      await mkdir(into, { mode: 0o700 });
      await writeLayers(client, await projectManifest(client, top.text), into);
    });
    return join(directory, 'compose.yaml');
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw refused(error.message, { advice: error.advice, cause: error });
  }
}

interface Layer {
  readonly mediaType: unknown;
  readonly digest: string;
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** The manifest's layers; of an index, those of the project in it. */
async function projectManifest(client: PullClient, text: string): Promise<readonly Layer[]> {
  const top = parse(text);
  const { manifests } = top;
  if (!Array.isArray(manifests)) return layersOf(top);
  const project = manifests.filter(isRecord).find((one) => one['artifactType'] === types.project);
  if (project === undefined) throw refused('its index names no compose project');
  const manifest = await readManifest(client, String(project['digest']));
  return layersOf(parse(manifest.text));
}

function layersOf(manifest: Readonly<Record<string, unknown>>): readonly Layer[] {
  const { artifactType, config, layers } = manifest;
  const isProject =
    artifactType === undefined || artifactType === ''
      ? isRecord(config) && config['mediaType'] === types.emptyConfig
      : artifactType === types.project;
  if (!isProject || !Array.isArray(layers)) throw refused('it is no compose project');
  return layers.filter(isRecord).map(({ mediaType, digest, annotations }) => {
    if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw refused('a layer has no sha256 digest');
    return { mediaType, digest, annotations: isRecord(annotations) ? annotations : {} };
  });
}

async function writeLayers(client: PullClient, layers: readonly Layer[], directory: string): Promise<void> {
  for (const [index, { mediaType, digest, annotations }] of layers.entries()) {
    if (mediaType !== types.composeFile && mediaType !== types.envFile) continue;
    const content = await readBytes(await client.send({ target: `blobs/${digest}` }));
    if (sha256Digest(content) !== digest) throw refused(`${digest} is damaged`);
    const isExtended = annotations[annotationNames.extends] !== undefined;
    if (mediaType === types.envFile) await appendFile(named(directory, annotations[annotationNames.envFile]), content);
    else if (isExtended) await appendFile(named(directory, annotations[annotationNames.file]), content);
    else await appendFile(join(directory, 'compose.yaml'), index === 0 ? content : `\n---\n${content.toString()}`);
  }
}

/** CVE-2025-62725: all files lie beside each other, whatever their names say. */
function named(directory: string, name: unknown): string {
  if (typeof name !== 'string' || name === '' || name === '.' || name === '..' || /[\\/\0]/.test(name)) {
    throw refused(`a file of it is called ${JSON.stringify(name)}, which is no plain file name`);
  }
  return join(directory, name);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    if (isRecord(document)) return document;
  } catch {
    // What is no JSON is no manifest either.
  }
  throw refused('its manifest is no JSON object');
}
