import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageConfig } from '#core/engine/specs.ts';
import { isDigest } from './digest.ts';

/** The image configuration (image-spec config.md) as far as tscompose reads it. */
export interface ImageDocument {
  readonly created: string;
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly config: ImageConfig;
  readonly diffIds: readonly string[];
}

export interface ManifestDocument {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Image metadata is foreign: more than this is refused. */
export const maxDocumentBytes = 4 * 1024 * 1024;

const maxLayers = 400;
const epoch = '1970-01-01T00:00:00Z';

/** Reads an image configuration; `source` names the image in messages. Throws `engine.image-invalid`. */
export function parseImageDocument(text: string, source: string): ImageDocument {
  const document = record(parseJson(text, source), source, 'its configuration is no object');
  const rootfs = record(document['rootfs'], source, 'its configuration has no "rootfs"');
  const diffIds = rootfs['diff_ids'];
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest))
    throw invalid(source, 'its configuration has no valid "rootfs.diff_ids"');
  const { created, os, architecture, variant, config } = document;
  return {
    created: typeof created === 'string' ? created : epoch,
    os: typeof os === 'string' && os !== '' ? os : 'linux',
    architecture: typeof architecture === 'string' ? architecture : '',
    ...(typeof variant === 'string' && variant !== '' ? { variant } : {}),
    config: parseConfig(config ?? {}, source),
    diffIds,
  };
}

/** Reads an image manifest. */
export function parseManifest(text: string, source: string): ManifestDocument {
  const document = record(parseJson(text, source), source, 'its manifest is no object');
  const layers = document['layers'];
  if (!Array.isArray(layers) || layers.length > maxLayers)
    throw invalid(source, `its manifest has no list of at most ${maxLayers} layers`);
  return { config: parseDescriptor(document['config'], source), layers: layers.map((layer) => parseDescriptor(layer, source)) };
}

/** The manifests of an index. */
export function parseIndex(text: string, source: string): readonly Descriptor[] {
  const manifests = record(parseJson(text, source), source, 'its index is no object')['manifests'];
  if (!Array.isArray(manifests)) throw invalid(source, 'its index has no "manifests"');
  return manifests.map((one) => parseDescriptor(one, source));
}

export function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(source, 'it holds invalid JSON');
  }
}

export function invalid(source: string, reason: string): TscomposeError {
  return new TscomposeError(diagnose('engine.image-invalid', { source, reason }));
}

function parseDescriptor(value: unknown, source: string): Descriptor {
  const { mediaType, digest, size, platform, annotations } = record(value, source, 'a descriptor is no object');
  if (!isDigest(digest)) throw invalid(source, 'a descriptor has no sha256 digest');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid(source, 'a descriptor has no size');
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    ...(isRecord(platform) ? { platform } : {}),
    ...(isRecord(annotations) ? { annotations } : {}),
  };
}

/** Keeps the members of ImageConfig that have the right type; what a hostile image writes elsewhere is not carried along. */
function parseConfig(value: unknown, source: string): ImageConfig {
  const config = record(value, source, 'its "config" is no object');
  const taken = Object.entries(configShape).flatMap(([key, check]) => {
    const member = config[key];
    if (member === undefined || member === null) return [];
    if (!check(member)) throw invalid(source, `"${key}" of its configuration has the wrong type`);
    return [[key, member] as const];
  });
  return Object.fromEntries(taken) as ImageConfig; // parser: configShape checked each member
}

const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isTextMap = (value: unknown): boolean => isRecord(value) && Object.values(value).every(isText);

const configShape = {
  User: isText,
  ExposedPorts: isRecord,
  Env: isTextList,
  Entrypoint: isTextList,
  Cmd: isTextList,
  ArgsEscaped: (value) => typeof value === 'boolean',
  Volumes: isRecord,
  WorkingDir: isText,
  Labels: isTextMap,
  StopSignal: isText,
  Shell: isTextList,
  OnBuild: isTextList,
  Healthcheck: (value) =>
    isRecord(value) &&
    (value['Test'] === undefined || value['Test'] === null || isTextList(value['Test'])) &&
    ['Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'].every((key) => {
      return value[key] === undefined || typeof value[key] === 'number';
    }),
} as const satisfies Record<keyof ImageConfig, (value: unknown) => boolean>;

function record(value: unknown, source: string, reason: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid(source, reason);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
