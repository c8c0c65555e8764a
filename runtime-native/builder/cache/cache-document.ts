import { chainIds, isDigest } from '../../images/digest.ts';
import { type Descriptor, invalid, parseJson } from '../../images/image-document.ts';

/** Configuration of the OCI manifest that a build cache is; its layers are those of the states. */
export const cacheMediaType = 'application/vnd.tscompose.buildcache.v1+json';
/** Member of an image's configuration that holds the steps of its own layers (`type=inline`). */
export const inlineMember = 'tscompose.buildcache.v1';

/** Results of steps, to be taken elsewhere. */
export interface CacheDocument {
  /** Each stands on its parent, which comes before it. */
  readonly layers: readonly CacheLayer[];
  readonly steps: readonly CacheStep[];
}

export interface CacheLayer {
  readonly diffId: string;
  readonly blob: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
  /** Index of the layer below; absent: none. */
  readonly parent?: number;
}

export interface CacheStep {
  readonly keys: readonly string[];
  /** Index of the topmost layer of the files after the step. */
  readonly layer: number;
  readonly title: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

const maxSteps = 20_000;
const maxDepth = 400;

/** The text of a document, the same for equal ones. */
export function cacheDocumentText(document: CacheDocument): string {
  return JSON.stringify({ version: 1, ...document });
}

/** Reads what may come from anybody. Throws `engine.image-invalid`. */
export function parseCacheDocument(text: string, source: string): CacheDocument {
  const value = parseJson(text, source);
  if (!isRecord(value) || value['version'] !== 1) throw invalid(source, 'it is no build cache of a version that is known');
  const { layers, steps } = value;
  if (!Array.isArray(layers) || !Array.isArray(steps) || layers.length > maxSteps || steps.length > maxSteps)
    throw invalid(source, 'its build cache has no list of layers and steps');
  return {
    layers: layers.map((one, index) => parseLayer(one, { index, source })),
    steps: steps.map((one) => parseStep(one, { count: layers.length, source })),
  };
}

/** The steps in an image's configuration: its own layers, with the number of layers after each step. Undefined: it has none. */
export function parseInlineCache(
  image: { readonly config: unknown; readonly diffIds: readonly string[]; readonly layers: readonly Descriptor[] },
  source: string,
): CacheDocument | undefined {
  const steps = isRecord(image.config) ? image.config[inlineMember] : undefined;
  if (!Array.isArray(steps) || steps.length > maxSteps || image.diffIds.length !== image.layers.length) return undefined;
  const layers = image.layers.map(({ mediaType, digest, size }, index): CacheLayer => {
    const diffId = image.diffIds[index] ?? '';
    return { diffId, blob: { mediaType, digest, size }, ...(index === 0 ? {} : { parent: index - 1 }) };
  });
  return { layers, steps: steps.map((one) => parseStep(one, { count: layers.length, source })) };
}

/** Layers from the lowest to that of an index, with the chain id of the whole. Undefined: more than an image can have. */
export function stackOf(
  document: CacheDocument,
  top: number,
): { readonly layers: readonly CacheLayer[]; readonly chain: readonly string[] } | undefined {
  const layers: CacheLayer[] = [];
  for (let at: number | undefined = top; at !== undefined; ) {
    const layer: CacheLayer | undefined = document.layers[at];
    if (layer === undefined || layers.length === maxDepth) return undefined;
    layers.unshift(layer);
    at = layer.parent;
  }
  return { layers, chain: chainIds(layers.map(({ diffId }) => diffId)) };
}

function parseLayer(value: unknown, { index, source }: { index: number; source: string }): CacheLayer {
  const { diffId, blob, parent } = isRecord(value) ? value : {};
  const { mediaType, digest, size } = isRecord(blob) ? blob : {};
  const isFine =
    isDigest(diffId) && isDigest(digest) && typeof mediaType === 'string' && Number.isSafeInteger(size) && Number(size) >= 0;
  // A parent before its child: there is no cycle.
  if (!isFine || (parent !== undefined && !isIndex(parent, index)))
    throw invalid(source, `layer ${index} of its build cache is wrong`);
  return { diffId, blob: { mediaType, digest, size: Number(size) }, ...(parent === undefined ? {} : { parent }) };
}

function parseStep(value: unknown, { count, source }: { count: number; source: string }): CacheStep {
  const { keys, layer, title, createdAt, sizeBytes } = isRecord(value) ? value : {};
  const hasKeys =
    Array.isArray(keys) && keys.every((one): one is string => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one));
  if (!hasKeys || !isIndex(layer, count) || typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt)))
    throw invalid(source, 'a step of its build cache is wrong');
  return {
    keys,
    layer,
    title: typeof title === 'string' ? title.slice(0, 1000) : '',
    createdAt: new Date(createdAt).toISOString(),
    sizeBytes: typeof sizeBytes === 'number' && sizeBytes >= 0 ? sizeBytes : 0,
  };
}

function isIndex(value: unknown, count: number): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < count;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
