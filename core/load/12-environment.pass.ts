import { type MapNode, mapItems, mapMembers, member, type Node, scalarNode, textOf, withMember } from '../source/tree.ts';
import type { LoadContext } from './context.ts';
import { hiddenContent } from './hidden.ts';

/** Gives list-form `- NAME` its value and configs and secrets their content, from the environment of the model being loaded. */
export function resolveEnvironment(tree: MapNode, context: LoadContext): MapNode {
  const { environment } = context;
  return mapMembers(tree, (section, name) => {
    if (section.kind !== 'map') return section;
    if (name === 'services') return mapMembers(section, serviceEnvironment);
    return name === 'configs' || name === 'secrets' ? mapMembers(section, content) : section;
  });

  function serviceEnvironment(service: Node): Node {
    const list = member(service, 'environment');
    if (service.kind !== 'map' || list?.kind !== 'list') return service;
    const resolved = mapItems(list, (item) => {
      const name = textOf(item);
      if (name === undefined || name.includes('=')) return item;
      const value = environment.get(name);
      return value === undefined ? item : scalarNode(`${name}=${value}`, item.span);
    });
    return withMember(service, 'environment', resolved);
  }

  function content(object: Node): Node {
    const variable = member(object, 'environment');
    const value = environment.get(textOf(variable) ?? '');
    if (object.kind !== 'map' || variable === undefined || value === undefined || member(object, hiddenContent) !== undefined)
      return object;
    return withMember(object, hiddenContent, scalarNode(value, variable.span));
  }
}
