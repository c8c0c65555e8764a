import { isAbsolute, join } from 'node:path';

/** Where a build looks for results of steps that this machine has not done. */
export type CacheSource =
  | { readonly type: 'registry'; readonly reference: string }
  /** An OCI layout; the entry of this tag or digest. */
  | { readonly type: 'local'; readonly directory: string; readonly tag: string; readonly digest?: string };

/** Where a build leaves its results for others. */
export type CacheTarget =
  /** In the image itself. */
  | { readonly type: 'inline' }
  | ({ readonly type: 'registry'; readonly reference: string } & TargetOptions)
  | ({ readonly type: 'local'; readonly directory: string; readonly tag: string } & TargetOptions);

interface TargetOptions {
  /** `min`: steps that the image consists of; `max`: all that were done for it. */
  readonly mode: 'min' | 'max';
  readonly ignoreError: boolean;
}

/** A place, or the reason why it cannot be used. */
export type CachePlace<T> = { readonly place: T } | { readonly refusal: string };

/** Reads a `cache_from`: an image reference or `type=…,…`. Relative directories are below `base`. */
export function parseCacheSource(text: string, base: string): CachePlace<CacheSource> {
  const options = optionsOf(text, 'ref');
  if (options instanceof Map) {
    const foreign = foreignType(options);
    if (foreign !== undefined) return { refusal: foreign };
    switch (options.get('type')) {
      case 'registry':
        return wanted(options, { known: ['ref'], needed: 'ref', make: (reference) => ({ type: 'registry', reference }) });
      case 'local':
        return wanted(options, {
          known: ['src', 'tag', 'digest'],
          needed: 'src',
          make: (directory) => {
            const digest = options.get('digest');
            const entry = { tag: options.get('tag') ?? 'latest', ...(digest === undefined ? {} : { digest }) };
            return { type: 'local', directory: below(base, directory), ...entry };
          },
        });
      case 'inline':
        return { refusal: 'write the reference of the image that holds it' };
    }
  }
  return { refusal: unknownType(options, 'type=registry,ref=…, type=local,src=… or an image reference') };
}

/** Reads a `cache_to`. Relative directories are below `base`. */
export function parseCacheTarget(text: string, base: string): CachePlace<CacheTarget> {
  const options = optionsOf(text, 'ref');
  if (options instanceof Map) {
    const foreign = foreignType(options) ?? unusable(options);
    if (foreign !== undefined) return { refusal: foreign };
    const shared: TargetOptions = {
      mode: options.get('mode') === 'max' ? 'max' : 'min',
      ignoreError: options.get('ignore-error') === 'true',
    };
    switch (options.get('type')) {
      case 'inline': {
        const other = [...options.keys()].find((name) => name !== 'type');
        return other === undefined ? { place: { type: 'inline' } } : { refusal: `type=inline has no option "${other}"` };
      }
      case 'registry':
        return wanted(options, {
          known: ['ref', ...targetOptions],
          needed: 'ref',
          make: (reference) => ({ type: 'registry', reference, ...shared }),
        });
      case 'local':
        return wanted(options, {
          known: ['dest', 'tag', ...targetOptions],
          needed: 'dest',
          make: (directory) => ({
            type: 'local',
            directory: below(base, directory),
            tag: options.get('tag') ?? 'latest',
            ...shared,
          }),
        });
    }
  }
  return { refusal: unknownType(options, 'type=registry,ref=…, type=local,dest=… or type=inline') };
}

const targetOptions = [
  'mode',
  'ignore-error',
  'oci-mediatypes',
  'image-manifest',
  'compression',
  'compression-level',
  'force-compression',
];

/** `a=b,c=d`, or a lone word under `lone`; undefined when it is neither. */
function optionsOf(text: string, lone: string): ReadonlyMap<string, string> | undefined {
  if (!text.includes('=')) return text === '' ? undefined : new Map(Object.entries({ type: 'registry', [lone]: text }));
  const options = new Map<string, string>();
  for (const field of text.split(',')) {
    const equals = field.indexOf('=');
    if (equals < 1) return undefined;
    options.set(field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1).trim());
  }
  return options;
}

/** Stores of one vendor's services. */
function foreignType(options: ReadonlyMap<string, string>): string | undefined {
  const type = options.get('type') ?? '';
  const service = { gha: 'GitHub’s cache service', s3: 'Amazon S3', azblob: 'Azure Blob Storage' }[type];
  return service === undefined ? undefined : `${service} is not spoken to; use type=registry or type=local`;
}

/** What these options ask for would not be done. */
function unusable(options: ReadonlyMap<string, string>): string | undefined {
  const mode = options.get('mode') ?? 'min';
  if (mode !== 'min' && mode !== 'max') return `"mode" is min or max, not "${mode}"`;
  for (const name of ['oci-mediatypes', 'image-manifest'])
    if ((options.get(name) ?? 'true') !== 'true') return `"${name}" is always true here`;
  const compression = options.get('compression') ?? 'zstd';
  if (compression !== 'zstd') return `layers are kept, and therefore exported, as zstd, not as "${compression}"`;
  if ((options.get('force-compression') ?? 'false') !== 'false') return 'layers of base images are exported as they came';
  return options.has('compression-level') ? 'layers are exported as they are kept: "compression-level" has no effect' : undefined;
}

function wanted<T>(
  options: ReadonlyMap<string, string>,
  shape: { readonly known: readonly string[]; readonly needed: string; readonly make: (value: string) => T },
): CachePlace<T> {
  const type = options.get('type') ?? '';
  const value = options.get(shape.needed) ?? '';
  if (value === '') return { refusal: `type=${type} needs "${shape.needed}=…"` };
  const other = [...options.keys()].find((name) => name !== 'type' && !shape.known.includes(name));
  if (other !== undefined) return { refusal: `type=${type} has no option "${other}"; it takes ${shape.known.join(', ')}` };
  return { place: shape.make(value) };
}

function unknownType(options: ReadonlyMap<string, string> | undefined, allowed: string): string {
  const type = options?.get('type');
  return type === undefined ? `it is not ${allowed}` : `the type "${type}" is not known; write ${allowed}`;
}

function below(base: string, path: string): string {
  return isAbsolute(path) ? path : join(base, path);
}
