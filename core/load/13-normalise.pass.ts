import {
  type Entry,
  isNull,
  type MapNode,
  mapItems,
  mapMembers,
  mapNode,
  mapOf,
  member,
  type Node,
  scalarNode,
  textOf,
  withMember,
} from '../source/tree.ts';
import type { Environment, LoadContext } from './context.ts';
import { cleanPath } from './join-path.ts';

/** Writes out what the model implies: default network, names, dependencies by link and namespace, build defaults. */
export function normalise(tree: MapNode, context: LoadContext & { readonly projectName: string }): MapNode {
  const { environment, projectName } = context;
  let result = withMember(tree, 'name', scalarNode(projectName, member(tree, 'name')?.span ?? tree.span));
  const services = member(result, 'services');
  if (services?.kind === 'map') {
    const normal = mapMembers(services, (service, _name, entry) =>
      service.kind === 'map' ? normaliseService(service, entry, environment) : service,
    );
    result = withDefaultNetwork(withMember(result, 'services', normal), normal);
  }
  for (const section of ['networks', 'volumes', 'configs', 'secrets']) {
    const resources = member(result, section);
    if (resources?.kind === 'map') result = withMember(result, section, mapMembers(resources, named(projectName)));
  }
  return result;
}

function withDefaultNetwork(tree: MapNode, services: MapNode): MapNode {
  const user = [...services.entries.values()].find(({ value }) => member(member(value, 'networks'), 'default') !== undefined);
  const networks = member(tree, 'networks');
  if (user === undefined || member(networks, 'default') !== undefined) return tree;
  const base = networks?.kind === 'map' ? networks : mapNode(new Map(), user.key);
  return withMember(tree, 'networks', withMember(base, 'default', scalarNode(null, user.key)));
}

function named(projectName: string) {
  return (resource: Node, key: string, entry: Entry): Node => {
    const map = resource.kind === 'map' ? resource : mapNode(new Map(), entry.key);
    if (map.entries.has('name') && !isNull(member(map, 'name'))) return map;
    const external = member(map, 'external');
    const isExternal = external?.kind === 'scalar' && /^(true|1|t)$/i.test(String(external.value));
    return withMember(map, 'name', scalarNode(isExternal ? key : `${projectName}_${key}`, entry.key));
  };
}

function normaliseService(service: MapNode, entry: Entry, environment: Environment): MapNode {
  let result = service;
  if (!result.entries.has('provider') && !result.entries.has('network_mode')) {
    const networks = member(result, 'networks');
    if (networks === undefined || isNull(networks) || (networks.kind === 'map' && networks.entries.size === 0)) {
      result = withMember(result, 'networks', mapOf({ default: null }, networks?.span ?? entry.key));
    }
  }
  const policy = member(result, 'pull_policy');
  if (policy !== undefined && textOf(policy) === 'if_not_present') {
    result = withMember(result, 'pull_policy', scalarNode('missing', policy.span));
  }
  const build = member(result, 'build');
  if (build?.kind === 'map') result = withMember(result, 'build', normaliseBuild(build, environment));
  const variables = member(result, 'environment');
  if (variables !== undefined) result = withMember(result, 'environment', resolveUnset(variables, environment, 'keep'));
  result = withDependencies(result);
  return withPreStartImage(withCleanTargets(result));
}

function normaliseBuild(build: MapNode, environment: Environment): MapNode {
  let result = build;
  const isUnset = (name: string) => member(build, name) === undefined || isNull(member(build, name));
  if (isUnset('context')) result = withMember(result, 'context', scalarNode('.', build.span));
  if (isUnset('dockerfile') && isUnset('dockerfile_inline')) {
    result = withMember(result, 'dockerfile', scalarNode('Dockerfile', build.span));
  }
  const args = member(result, 'args');
  return args === undefined ? result : withMember(result, 'args', resolveUnset(args, environment, 'drop'));
}

/** Gives keys without a value the one of the environment; those still without are kept or dropped. */
function resolveUnset(node: Node, environment: Environment, unresolved: 'keep' | 'drop'): Node {
  if (node.kind === 'map') {
    return mapMembers(node, (value, name) => {
      if (!isNull(value)) return value;
      const found = environment.get(name);
      if (found !== undefined) return scalarNode(found, value.span);
      return unresolved === 'keep' ? value : undefined;
    });
  }
  if (node.kind !== 'list') return node;
  const items: Node[] = [];
  for (const item of node.items) {
    const name = textOf(item) ?? '=';
    const found = name.includes('=') ? undefined : environment.get(name);
    if (found !== undefined) items.push(scalarNode(`${name}=${found}`, item.span));
    else if (name.includes('=') || unresolved === 'keep') items.push(item);
  }
  return { ...node, items };
}

function withDependencies(service: MapNode): MapNode {
  const written = member(service, 'depends_on');
  const dependencies = new Map<string, Entry>(written?.kind === 'map' ? written.entries : []);
  const add = (name: string, source: Node, restart: boolean) => {
    if (dependencies.has(name)) return;
    const value = mapOf({ condition: 'service_started', restart, required: true }, source.span);
    dependencies.set(name, { key: source.span, value });
  };
  for (const link of itemsOf(member(service, 'links'))) {
    const text = textOf(link) ?? '';
    const parts = text.split(':');
    add(parts.length === 2 ? (parts[0] ?? '') : text, link, true);
  }
  for (const namespace of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const node = member(service, namespace);
    const text = textOf(node);
    if (node !== undefined && text?.startsWith('service:')) add(text.slice('service:'.length), node, true);
  }
  for (const source of itemsOf(member(service, 'volumes_from'))) {
    const text = textOf(source) ?? '';
    if (!text.startsWith('container:')) add(text.split(':')[0] ?? '', source, false);
  }
  if (dependencies.size === 0 || dependencies.size === (written?.kind === 'map' ? written.entries.size : 0)) return service;
  const span = written?.span ?? [...dependencies.values()][0]?.key ?? service.span;
  return withMember(service, 'depends_on', mapNode(dependencies, span));
}

function itemsOf(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : [];
}

function withCleanTargets(service: MapNode): MapNode {
  const volumes = member(service, 'volumes');
  if (volumes?.kind !== 'list') return service;
  const clean = mapItems(volumes, (mount) => {
    const target = member(mount, 'target');
    const text = textOf(target);
    if (mount.kind !== 'map' || target === undefined || text === undefined) return mount;
    const path = text === '' ? '.' : cleanPath(text);
    return path === text ? mount : withMember(mount, 'target', scalarNode(path, target.span));
  });
  return withMember(service, 'volumes', clean);
}

function withPreStartImage(service: MapNode): MapNode {
  const hooks = member(service, 'pre_start');
  const image = member(service, 'image');
  if (hooks?.kind !== 'list' || !textOf(image)) return service;
  const inherited = mapItems(hooks, (hook) =>
    hook.kind === 'map' && !hook.entries.has('image') ? withMember(hook, 'image', image as Node) : hook,
  );
  return withMember(service, 'pre_start', inherited);
}
