import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { ownLabel } from '../model/labels.ts';
import type { Project } from '../model/project.ts';
import { networkHash, volumeHash } from '../model/resource-hash.ts';
import { networksOf, volumesOf } from '../model/service-references.ts';
import type { Observed } from '../observe/observed.ts';
import { diagnose } from './catalogue.ts';
import type { UpOptions } from './options.ts';
import type { Scope } from './scope.ts';

/** What `up` does with one network or volume of the project. */
export interface ResourceFate {
  readonly key: string;
  readonly name: string;
  /** `remake`: remove and create, because its definition changed. */
  readonly fate: 'create' | 'remake' | 'keep' | 'external';
}

export interface ResourceFates {
  readonly networks: readonly ResourceFate[];
  readonly volumes: readonly ResourceFate[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares networks and volumes with what exists. All of the project when all services are meant, else those that are used. */
export function decideResources({
  project,
  observed,
  options,
  scope,
}: {
  project: Project;
  observed: Observed;
  options: UpOptions;
  scope: Scope;
}): ResourceFates {
  const diagnostics: Diagnostic[] = [];
  const networks = selected('networks').map(([key, network]): ResourceFate => {
    const { name } = network;
    const existing = observed.networks.find((one) => one.name === name);
    if (network.external) {
      if (existing === undefined) diagnostics.push(diagnose('plan.external-network-missing', { network: name }));
      return { key, name, fate: 'external' };
    }
    if (existing === undefined) return { key, name, fate: 'create' };
    const recorded = existing.labels[ownLabel.hash];
    if (recorded === undefined || existing.project !== project.name) {
      diagnostics.push(diagnose('plan.network-not-ours', { network: name, project: project.name }));
      return { key, name, fate: 'keep' };
    }
    return { key, name, fate: recorded === networkHash(network) ? 'keep' : 'remake' };
  });
  const volumes = selected('volumes').map(([key, volume]): ResourceFate => {
    const { name } = volume;
    const existing = observed.volumes.find((one) => one.name === name);
    if (volume.external) {
      if (existing === undefined) diagnostics.push(diagnose('plan.external-volume-missing', { volume: name }));
      return { key, name, fate: 'external' };
    }
    if (existing === undefined) return { key, name, fate: 'create' };
    const recorded = existing.labels[ownLabel.hash];
    if (recorded === undefined || existing.project !== project.name) {
      diagnostics.push(diagnose('plan.volume-not-ours', { volume: name, project: project.name }));
      return { key, name, fate: 'keep' };
    }
    if (recorded === volumeHash(volume)) return { key, name, fate: 'keep' };
    if (options.recreateVolumes) return { key, name, fate: 'remake' };
    diagnostics.push(diagnose('plan.volume-changed', { volume: name }));
    return { key, name, fate: 'keep' };
  });
  return { networks, volumes, diagnostics };

  function selected<K extends 'networks' | 'volumes'>(kind: K): [string, Project[K][string]][] {
    const all = Object.entries(project[kind]).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, Project[K][string]][];
    if (options.services.length === 0) return all;
    const used = new Set(
      scope.services.flatMap((name) => {
        const service = project.services[name];
        return service === undefined ? [] : [...(kind === 'networks' ? networksOf : volumesOf)(project, service).keys()];
      }),
    );
    return all.filter(([key]) => used.has(key));
  }
}
