import type { Collector } from '../diagnostics/collector.ts';
import { nearest } from '../diagnostics/nearest.ts';
import type { Project, Service } from '../model/project.ts';
import { nearestFloat32 } from '../source/go-text.ts';
import { locate, type MapNode, type Path } from '../source/tree.ts';
import { diagnose } from './catalogue.ts';
import { checkCycles } from './cycles.ts';

interface Facts {
  readonly tree: MapNode;
  readonly collector: Collector;
}

/**
 * Reports what is inconsistent among the enabled services: references to what does not exist, attributes that exclude each other.
 * `known`: services that were checked before.
 */
export function checkConsistency(project: Project, facts: Facts, known: Readonly<Record<string, Service>> = {}): void {
  for (const [name, service] of Object.entries(project.services)) {
    if (known[name] !== undefined) continue;
    const check: ServiceCheck = { name, service, project, ...facts };
    checkBuild(check);
    checkReferences(check);
    checkDependencies(check);
    checkScale(check);
    checkLimits(check);
    checkMounts(check);
  }
  for (const [name, secret] of Object.entries(project.secrets)) {
    if (secret.external === true || secret.file || secret.environment) continue;
    const { span } = locate(facts.tree, ['secrets', name]).node;
    facts.collector.report(
      diagnose('model.conflict', { path: `secrets.${name}`, reason: 'must declare either `file` or `environment`' }, span),
    );
  }
  checkContainerNames(project, facts);
  if (!facts.collector.hasErrors) checkCycles(project, facts);
}

interface ServiceCheck extends Facts {
  readonly name: string;
  readonly service: Service;
  readonly project: Project;
}

function fault(check: ServiceCheck, reason: string, path: Path = [], hint?: string): void {
  const params = { service: check.name, reason, ...(hint === undefined ? {} : { hint }) };
  check.collector.report(diagnose('model.service', params, place(check, path)));
}

function place(check: ServiceCheck, path: Path) {
  const found = locate(check.tree, ['services', check.name, ...path]);
  return path.length === 0 && found.key !== undefined ? found.key : found.node.span;
}

function checkBuild(check: ServiceCheck): void {
  const { service, project } = check;
  const { build } = service;
  if (build === undefined) {
    if (!service.image && service.provider === undefined) {
      fault(check, 'has neither an image nor a build context specified', [], 'add `image:` or `build:`');
    }
    return;
  }
  if (build.dockerfile && build.dockerfile_inline) {
    fault(check, 'declares mutually exclusive dockerfile and dockerfile_inline', ['build', 'dockerfile_inline']);
  }
  // The bound model gives these members their types (core/model/service-shape.ts).
  for (const [context, value] of Object.entries((build['additional_contexts'] ?? {}) as Record<string, string>)) {
    if (!value.startsWith('service:')) continue;
    const target = value.slice('service:'.length);
    const path = ['build', 'additional_contexts', context];
    const other = project.services[target];
    if (other === undefined) fault(check, `declares unknown service "${target}" as additional context "${context}"`, path);
    else if (other.build === undefined)
      fault(check, `declares non-buildable service "${target}" as additional context "${context}"`, path);
  }
  const platforms = (build['platforms'] ?? []) as readonly string[];
  if (platforms.length > 0 && service.platform && !platforms.includes(service.platform)) {
    fault(check, `build.platforms must include the service's platform "${service.platform}"`, ['build', 'platforms']);
  }
}

function checkReferences(check: ServiceCheck): void {
  const { name, service, project, collector } = check;
  const refer = (kind: string, target: string, all: Readonly<Record<string, unknown>>, path: Path) => {
    if (all[target] !== undefined) return;
    const suggestion = collector.isCrowded ? undefined : nearest(target, Object.keys(all));
    collector.report(diagnose('model.undefined', { service: name, kind, name: target, suggestion }, place(check, path)));
  };
  const networks = Object.keys(service.networks ?? {});
  if (service.network_mode && networks.length > 0) {
    fault(check, 'declares mutually exclusive `network_mode` and `networks`', ['network_mode']);
  }
  for (const network of networks) refer('network', network, project.networks, ['networks', network]);
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.type === 'volume' && mount.source) refer('volume', mount.source, project.volumes, ['volumes', index]);
  }
  const buildSecrets = (service.build?.['secrets'] ?? []) as readonly { readonly source?: string }[];
  for (const [index, secret] of buildSecrets.entries()) {
    refer('secret', secret.source ?? '', project.secrets, ['build', 'secrets', index]);
  }
  for (const [index, config] of (service.configs ?? []).entries())
    refer('config', config.source ?? '', project.configs, ['configs', index]);
  for (const [index, secret] of (service.secrets ?? []).entries())
    refer('secret', secret.source ?? '', project.secrets, ['secrets', index]);
  for (const model of Object.keys(service.models ?? {})) refer('model', model, project.models, ['models', model]);
  const [first] = service.healthcheck?.test ?? [];
  if (first !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(first)) {
    fault(
      check,
      'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
      ['healthcheck', 'test'],
      'a plain string runs in a shell',
    );
  }
}

function checkDependencies(check: ServiceCheck): void {
  const { name, service, project, collector } = check;
  const unknown = (target: string, path: Path) => {
    const profiles = project.disabledServices[target]?.profiles ?? [];
    const candidates = Object.keys(project.services).filter((other) => other !== name);
    const suggestion = collector.isCrowded ? undefined : nearest(target, candidates);
    collector.report(
      diagnose('model.undefined-service', { service: name, name: target, suggestion, profiles }, place(check, path)),
    );
  };
  for (const [target, { required }] of Object.entries(service.depends_on ?? {})) {
    if (project.services[target] !== undefined) continue;
    if (project.disabledServices[target] !== undefined && !required) continue;
    unknown(target, ['depends_on', target]);
  }
  const mode = service.network_mode ?? '';
  const shared = mode.startsWith('service:') ? mode.slice('service:'.length) : undefined;
  if (shared !== undefined && project.services[shared] === undefined && service.depends_on?.[shared] === undefined) {
    unknown(shared, ['network_mode']);
  }
}

function checkScale(check: ServiceCheck): void {
  const { service } = check;
  const { scale } = service;
  const replicas = service.deploy?.replicas;
  if (scale !== undefined && replicas !== undefined && scale !== replicas) {
    fault(check, "can't set distinct values on 'scale' and 'deploy.replicas'", ['scale']);
  }
  if (scale !== undefined && scale < 0) fault(check, 'scale must be greater than or equal to 0', ['scale']);
  if (replicas !== undefined && replicas < 0)
    fault(check, 'deploy.replicas must be greater than or equal to 0', ['deploy', 'replicas']);
  if ((scale ?? replicas ?? 1) > 1 && service.container_name) {
    const attribute = scale === undefined ? 'deploy.replicas' : 'scale';
    fault(check, `can't set container_name and ${attribute} above 1, as a container name must be unique`, ['container_name']);
  }
}

function checkLimits(check: ServiceCheck): void {
  const { service } = check;
  const { limits, reservations } = service.deploy?.resources ?? {};
  const compare = (attribute: keyof Service, other: string, pair: readonly [unknown, unknown]) => {
    const [own, deployed] = pair;
    if (own === undefined || own === deployed) return;
    fault(check, `can't set distinct values on '${attribute}' and 'deploy.resources.${other}'`, [attribute]);
  };
  if (limits !== undefined) {
    compare('cpus', 'limits.cpus', [service.cpus, limits.cpus === undefined ? undefined : nearestFloat32(limits.cpus)]);
    compare('mem_limit', 'limits.memory', [service.mem_limit, limits.memory]);
    compare('pids_limit', 'limits.pids', [service.pids_limit, limits.pids]);
  }
  if (reservations !== undefined)
    compare('mem_reservation', 'reservations.memory', [service.mem_reservation, reservations.memory]);
}

function checkMounts(check: ServiceCheck): void {
  const { service } = check;
  const mounts = new Map<string, string>();
  const claim = (target: string, path: readonly [string, number]) => {
    const location = `${path[0]}[${path[1]}]`;
    const other = mounts.get(target);
    if (other !== undefined) fault(check, `${location}: target ${target} already mounted as ${other}`, path);
    mounts.set(target, location);
  };
  for (const [index, tmpfs] of (service.tmpfs ?? []).entries()) claim(tmpfs.split(':')[0] ?? '', ['tmpfs', index]);
  for (const [index, mount] of (service.volumes ?? []).entries()) claim(mount.target, ['volumes', index]);
  for (const [index, watch] of (service.develop?.watch ?? []).entries()) {
    const action = String(watch['action']);
    if (!watch['target'] && action !== 'rebuild' && action !== 'restart') {
      fault(check, `develop.watch: target is required for action ${action}`, ['develop', 'watch', index]);
    }
  }
}

function checkContainerNames(project: Project, { tree, collector }: Facts): void {
  const owners = new Map<string, string>();
  for (const [service, { container_name: name }] of Object.entries(project.services)) {
    if (!name) continue;
    const first = owners.get(name);
    if (first === undefined) owners.set(name, service);
    else {
      const { span } = locate(tree, ['services', service, 'container_name']).node;
      collector.report(diagnose('model.container-name', { name, first, second: service }, span));
    }
  }
}
