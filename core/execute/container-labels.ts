import type { ImageSummary } from '../engine/specs.ts';
import { composeLabel, ownLabel } from '../model/labels.ts';
import type { Project, Service, StringMap } from '../model/project.ts';
import { definitionHash, serviceDefinition } from '../model/service-hash.ts';
import { imageOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { imageVolumeDigests } from '../plan/image-volumes.ts';
import { version } from './version.ts';

/**
 * Labels of a container: those that Docker Compose writes, so that other tools find what they expect, and our own, by
 * which the next `up` decides. The user's labels never replace them.
 */
export function containerLabels({
  project,
  name,
  service,
  number,
  observed,
  images,
  configHash,
  oneOff = false,
  replaces,
  donorIds = {},
}: {
  project: Project;
  /** Of the service. */
  name: string;
  service: Service;
  number: number;
  observed: Observed;
  /** Local images by reference, pulled ones included. */
  images: Readonly<Record<string, ImageSummary>>;
  /** Docker Compose's own hash of the service; absent: ours stands in, other tools only look whether the label is there. */
  configHash?: string | undefined;
  oneOff?: boolean;
  /** Name of the container that this one replaces and inherits volumes from. */
  replaces?: string | undefined;
  /** Ids of the containers that lend namespaces or volumes, by service. */
  donorIds?: StringMap;
}): StringMap {
  const definition = serviceDefinition({ project, name, service, fileDigests: observed.fileDigests });
  const hash = definitionHash(definition);
  const imageVolumes = imageVolumeDigests(service, images);
  const digest = images[imageOf(project, name, service)]?.digest;
  return {
    ...service.labels,
    [composeLabel.project]: project.name,
    [composeLabel.service]: name,
    [composeLabel.version]: version,
    [composeLabel.workingDir]: project.workingDir,
    [composeLabel.configFiles]: project.composeFiles.join(','),
    ...(project.envFiles.length === 0 ? {} : { [composeLabel.environmentFile]: project.envFiles.join(',') }),
    [composeLabel.oneOff]: oneOff ? 'True' : 'False',
    ...(oneOff ? {} : { [composeLabel.number]: String(number) }),
    [composeLabel.configHash]: configHash ?? hash,
    [composeLabel.dependsOn]: Object.entries(service.depends_on ?? {})
      .map(([dependency, how]) => `${dependency}:${how.condition}:${how.restart ?? false}`)
      .join(','),
    ...(digest === undefined ? {} : { [composeLabel.image]: digest }),
    ...(imageVolumes === '' ? {} : { [composeLabel.imageVolumes]: imageVolumes }),
    ...(replaces === undefined ? {} : { [composeLabel.replace]: replaces }),
    [ownLabel.hash]: hash,
    [ownLabel.definition]: definition,
    ...(Object.keys(donorIds).length === 0 ? {} : { [ownLabel.donors]: JSON.stringify(donorIds) }),
  };
}
