import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { atomicWrite } from '../../host/atomic-write.ts';
import { RegistryError } from './registry-error.ts';

/** Docker's client configuration as far as it is about registries; members that we do not know are kept. */
export interface DockerConfig {
  readonly path: string;
  readonly auths: Readonly<Record<string, StoredAuth>>;
  /** Registry → suffix of a `docker-credential-…` program. */
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
  /** The whole document. */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface StoredAuth {
  /** Base64 of `user:password`. */
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** Reads `~/.docker/config.json` (`DOCKER_CONFIG` names its directory); a missing file is empty, a damaged one is refused. */
export function readDockerConfig(env: NodeJS.ProcessEnv): DockerConfig {
  const path = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  const document = readDocument(path);
  const { auths, credHelpers, credsStore } = document;
  return {
    path,
    auths: Object.fromEntries(Object.entries(isRecord(auths) ? auths : {}).map(([key, value]) => [key, storedAuth(value)])),
    credHelpers: Object.fromEntries(
      Object.entries(isRecord(credHelpers) ? credHelpers : {}).filter(
        (one): one is [string, string] => typeof one[1] === 'string',
      ),
    ),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
    document,
  };
}

/** Replaces the `auths` of the file, which only its owner may read. A symbolic link stays one. */
export function writeAuths(config: DockerConfig, auths: Readonly<Record<string, StoredAuth>>): void {
  mkdirSync(join(config.path, '..'), { recursive: true, mode: 0o700 });
  atomicWrite({
    path: targetOf(config.path),
    data: `${JSON.stringify({ ...config.document, auths }, undefined, '\t')}\n`,
    mode: 0o600,
    durable: true,
    ...ownerOf(config.path),
  });
}

/** Keys under which a registry may be stored, the one that is written first. */
export function serverKeys(registry: string): readonly [string, ...string[]] {
  // Docker Hub's key is its API of 2013.
  if (registry === 'docker.io') return ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io'];
  return [
    registry,
    ...['https', 'http'].flatMap((scheme) => ['', '/', '/v1/', '/v2/'].map((end) => `${scheme}://${registry}${end}`)),
  ];
}

function readDocument(path: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {};
    throw new RegistryError(`"${path}" cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below, without the parser's words: they may quote a secret.
  }
  throw new RegistryError(`"${path}" is no JSON object`, {
    advice: 'repair the file, or name the directory of another one with DOCKER_CONFIG',
  });
}

function storedAuth(value: unknown): StoredAuth {
  if (!isRecord(value)) return {};
  // Members that we do not know stay, for Docker.
  return value as StoredAuth; // parser: each member is checked where it is used
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

/** With sudo the file stays its owner's. */
function ownerOf(path: string): { owner?: { uid: number; gid: number } } {
  try {
    const { uid, gid } = statSync(path);
    return { owner: { uid, gid } };
  } catch {
    return {}; // not there yet
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
