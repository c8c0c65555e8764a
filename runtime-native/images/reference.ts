import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** A normalised reference: what `nginx` means is `docker.io/library/nginx:latest`. */
export interface Reference {
  /** Host with optional port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** Path in the registry: `library/nginx`. */
  readonly repository: string;
  /** Absent only when there is a digest. */
  readonly tag?: string;
  readonly digest?: string;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const hostPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const maxRepositoryLength = 255;

/**
 * Reads a reference as Docker does (distribution/reference): the first component is a registry when it has a dot, a colon
 * or is `localhost`, else Docker Hub's; no tag and no digest mean `latest`. Throws `engine.invalid-reference`.
 */
export function parseReference(text: string): Reference {
  const parsed = tryParse(text);
  if (typeof parsed === 'string')
    throw new TscomposeError(diagnose('engine.invalid-reference', { reference: text, reason: parsed }));
  return parsed;
}

/** `docker.io/library/nginx:1.27`, `…@sha256:…`, or both. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** How people write it: without Docker Hub's defaults, `nginx:1.27`. */
export function familiarReference(reference: Reference): string {
  const full = formatReference(reference);
  if (reference.registry !== 'docker.io') return full;
  const short = full.slice('docker.io/'.length);
  return reference.repository.startsWith('library/') && !reference.repository.slice('library/'.length).includes('/')
    ? short.slice('library/'.length)
    : short;
}

function tryParse(text: string): Reference | string {
  if (text === '') return 'it is empty';
  if (/^[0-9a-f]{64}$/.test(text)) return 'it is an image id, not a name';
  const [named, digest, ...more] = text.split('@');
  if (named === undefined || more.length > 0) return 'it has more than one "@"';
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return `"${digest}" is no sha256 digest`;
  const { registry, rest } = splitRegistry(named);
  if (!hostPattern.test(registry)) return `"${registry}" is no registry host`;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) return `"${tag}" is no tag: letters, digits, "_", "." and "-", at most 128`;
  if (path !== path.toLowerCase()) return 'the repository name must be lower case';
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  if (!repositoryPattern.test(repository)) return `"${path}" is no repository name`;
  if (registry.length + 1 + repository.length > maxRepositoryLength) return `it is longer than ${maxRepositoryLength} characters`;
  const shown = tag ?? (digest === undefined ? 'latest' : undefined);
  return { registry, repository, ...(shown === undefined ? {} : { tag: shown }), ...(digest === undefined ? {} : { digest }) };
}

function splitRegistry(text: string): { readonly registry: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  // Upper case can only be a host: repository names have none.
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isHost) return { registry: 'docker.io', rest: text };
  const rest = text.slice(slash + 1);
  return { registry: first === 'index.docker.io' ? 'docker.io' : first, rest };
}
