import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { FileObject, Project, Service } from './project.ts';
import { Secret } from './project.ts';
import { linkAliases } from './service-references.ts';

/**
 * The text that decides whether a container is still what the file says: canonical JSON of the service without the
 * fields that need no new container, and digests of the content of its configs and secrets. It is kept as a label, so
 * values that look secret are replaced by digests of their own.
 *
 * `fileDigests` is `Observed.fileDigests`; a file that is missing there counts as unreadable.
 */
export function serviceDefinition({
  project,
  name,
  service,
  fileDigests,
}: {
  project: Project;
  name: string;
  service: Service;
  fileDigests: FileDigests;
}): string {
  const links = linkAliases(project, name);
  return canonicalJson({
    service: comparable(service),
    files: fileContents(project, service, fileDigests),
    ...(links.length === 0 ? {} : { links }),
  });
}

/** Hash of a definition text, `<version>-<sha256>`. A new version alone recreates nothing: definitions are compared then. */
export function definitionHash(definition: string): string {
  return `${hashVersion}-${createHash('sha256').update(definition).digest('hex')}`;
}

export type FileDigests = Readonly<Record<string, string | null>>;

/** Raise it when `comparable` changes its mind about what counts. */
const hashVersion = 1;

/** A value in this form stands for a secret: its digest tells that it changed, nothing tells what it was. */
export const maskPrefix = '***';

/**
 * Fields that a running container does not depend on. Hooks do count although tscompose runs them: without the
 * compose file, `down` takes them from the container.
 */
const uncounted: ReadonlySet<string> = new Set([
  'attach',
  'build',
  'depends_on',
  'develop',
  'profiles',
  'pull_policy',
  'scale',
] satisfies (keyof Service)[]);

function comparable(service: Service): Record<string, unknown> {
  const entries = Object.entries(service).filter(
    ([key, value]) => !uncounted.has(key) && !key.startsWith('x-') && value !== undefined,
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, countedPart(key, value)]));
}

function countedPart(key: string, value: unknown): unknown {
  switch (key) {
    case 'environment':
      return maskSecrets(value as NonNullable<Service['environment']>, key);
    case 'deploy':
      return countedDeploy(value as NonNullable<Service['deploy']>);
    case 'post_start':
    case 'pre_stop':
    case 'pre_start':
      return (value as NonNullable<Service['pre_stop']>).map((hook, index) =>
        hook.environment === undefined ? hook : { ...hook, environment: maskSecrets(hook.environment, `${key}.${index}`) },
      );
    default:
      return value;
  }
}

/** Without replicas; undefined when nothing else is said: `deploy` always has `resources` and `placement`, empty or not. */
function countedDeploy({ replicas: _, ...deploy }: NonNullable<Service['deploy']>): object | undefined {
  const isSaid = Object.values(deploy).some(
    (part) => part !== undefined && (typeof part !== 'object' || Object.keys(part).length > 0),
  );
  return isSaid ? deploy : undefined;
}

function maskSecrets(environment: NonNullable<Service['environment']>, path: string): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [
      key,
      value !== null && looksSecret(key) ? maskPrefix + shortDigest(`${path}.${key}`, value) : value,
    ]),
  );
}

/** Whether a variable of this name probably holds a secret. */
export function looksSecret(key: string): boolean {
  return /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|KEY|CREDENTIAL/i.test(key);
}

function fileContents(project: Project, service: Service, digests: FileDigests): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const { source } of service.configs ?? []) contents[`config/${source}`] = contentDigest(project.configs[source], digests);
  for (const { source } of service.secrets ?? []) contents[`secret/${source}`] = contentDigest(project.secrets[source], digests);
  return contents;
}

function contentDigest(object: FileObject | undefined, digests: FileDigests): string {
  if (object?.file !== undefined) return shortDigest(object.file, digests[object.file] ?? 'unreadable');
  const content = object?.content;
  if (content === undefined) return 'absent';
  // Revealed only to be digested.
  return shortDigest('content', content instanceof Secret ? content.reveal() : content);
}

/** 48 bits are enough to see a change. Salted with its place; who may read the labels can still confirm a guess of a weak secret. */
function shortDigest(place: string, text: string): string {
  return createHash('sha256').update(`${place}\0${text}`).digest('hex').slice(0, 12);
}
