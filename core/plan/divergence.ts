import { composeLabel, ownLabel } from '../model/labels.ts';
import type { Project, Service } from '../model/project.ts';
import { definitionHash, maskPrefix, serviceDefinition } from '../model/service-hash.ts';
import { imageOf, networksOf, volumesOf } from '../model/service-references.ts';
import type { Observed, ObservedContainer } from '../observe/observed.ts';
import { imageVolumeDigests } from './image-volumes.ts';
import type { ConfigChange, Reason } from './reason.ts';

/** Says why a container of one service is not what the file says, or undefined; made once per service. */
export function divergenceTest({
  project,
  name,
  service,
  observed,
  pulled,
}: {
  project: Project;
  name: string;
  service: Service;
  observed: Observed;
  /** The image will be fetched by this plan: what it will be is not known yet. */
  pulled: boolean;
}): (container: ObservedContainer) => Reason | undefined {
  const definition = serviceDefinition({ project, name, service, fileDigests: observed.fileDigests });
  const hash = definitionHash(definition);
  const image = observed.images[imageOf(project, name, service)];
  const imageVolumes = imageVolumeDigests(service, observed.images);
  const networks = networksOf(project, service);
  const volumes = volumesOf(project, service);
  return (container) => {
    if (container.labels[ownLabel.hash] !== hash) {
      const reason = definitionDiff(container.labels[ownLabel.definition], definition);
      if (reason !== undefined) return reason;
    }
    if (!pulled && image !== undefined && container.imageId !== image.id) {
      return { kind: 'image-changed', from: container.imageId, to: image.id };
    }
    const oldImageVolumes = container.labels[composeLabel.imageVolumes] ?? '';
    if (!pulled && oldImageVolumes !== imageVolumes) return { kind: 'image-changed', from: oldImageVolumes, to: imageVolumes };
    for (const network of networks.values()) {
      if (!container.endpoints.some((endpoint) => endpoint.network === network)) return { kind: 'network-changed', network };
    }
    for (const volume of volumes.values()) {
      if (!usesVolume(container, volume, observed)) return { kind: 'volume-changed', volume };
    }
    return undefined;
  };
}

/** Whether the container mounts the volume with this engine name. */
export function usesVolume(container: ObservedContainer, volume: string, observed: Observed): boolean {
  return (
    container.mounts.some((mount) => mount.type === 'volume' && mount.source === volume) ||
    observed.volumes.some((one) => one.name === volume && one.containers.includes(container.id))
  );
}

/** The difference between the recorded definition and the wanted one; undefined: only the version of the hash differs. */
function definitionDiff(recorded: string | undefined, wanted: string): Reason | undefined {
  if (recorded === wanted) return undefined;
  const from = parseDefinition(recorded);
  // Made by something else or with an unreadable label: nothing to compare with.
  if (from === undefined) return { kind: 'config-changed', changes: [] };
  const to = parseDefinition(wanted);
  const changes = [...diff(from.service, to?.service, ''), ...diff(from.links, to?.links, 'links')];
  if (changes.length > 0) return { kind: 'config-changed', changes };
  const [file] = diff(from.files, to?.files, '');
  if (file === undefined) return undefined;
  const [of, ...name] = file.path.split('/');
  return { kind: 'file-content-changed', of: of === 'secret' ? 'secret' : 'config', name: name.join('/') };
}

function parseDefinition(text: string | undefined): { service: unknown; files: unknown; links?: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'service' in value && 'files' in value ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Members are compared one by one, also those of a map that is new or gone; lists as a whole. */
function diff(from: unknown, to: unknown, path: string): readonly ConfigChange[] {
  const [old, now] = [JSON.stringify(from), JSON.stringify(to)];
  if (old === now) return [];
  const [left, right] = [from ?? {}, to ?? {}];
  const members =
    isRecord(left) && isRecord(right)
      ? [...new Set([...Object.keys(left), ...Object.keys(right)])]
          .sort()
          .flatMap((key) => diff(left[key], right[key], path === '' ? key : `${path}.${key}`))
      : [];
  if (members.length > 0) return members;
  return [{ path, ...(old === undefined ? {} : { from: unmasked(old) }), ...(now === undefined ? {} : { to: unmasked(now) }) }];
}

/** Digests that stand for secrets tell nobody anything: `"***"`. */
function unmasked(json: string): string {
  return json.replaceAll(new RegExp(`"${maskPrefix.replaceAll('*', '\\*')}[0-9a-f]{12}"`, 'g'), `"${maskPrefix}"`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
