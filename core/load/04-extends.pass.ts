import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { nearest } from '../diagnostics/nearest.ts';
import {
  type Entry,
  isNull,
  type MapNode,
  mapNode,
  member,
  type Node,
  textOf,
  withMember,
  withoutMember,
} from '../source/tree.ts';
import { clearPaths } from './01-tags.pass.ts';
import { mergeNodes } from './05-merge.pass.ts';
import { diagnose } from './catalogue.ts';
import type { DocumentContext, LoadContext } from './context.ts';
import { rebasePaths } from './paths.ts';
import { isRemoteDefinition } from './remote-definition.ts';

/** A file that a service extends from: its services, canonical but neither validated nor defaulted, and its last document's tags. */
export interface ExtendedFile {
  readonly tree: MapNode;
  readonly cleared: readonly (readonly string[])[];
}

/** Loads a file for `extends`; given by the caller, since the passes may not import the pipeline they are part of. */
export type LoadExtended = (path: string, context: LoadContext) => ExtendedFile | undefined;

const maxChain = 200;

interface Scope {
  readonly services: Map<string, Entry>;
  /** How messages and cycles name the file. */
  readonly fileName: string;
  readonly cleared: readonly (readonly string[])[];
}

/** Merges every service of the document over the service that it extends, along the whole chain. */
export function extend(loadExtended: LoadExtended): (tree: MapNode, context: DocumentContext) => MapNode {
  return (tree, context) => {
    const services = member(tree, 'services');
    if (services?.kind !== 'map') return tree;
    if (![...services.entries.values()].some((entry) => member(entry.value, 'extends') !== undefined)) return tree;
    const scope: Scope = {
      services: new Map(services.entries),
      fileName: context.file.path ?? context.file.name,
      cleared: context.cleared,
    };
    for (const name of services.entries.keys()) extendService(name, scope, []);
    return withMember(tree, 'services', { ...services, entries: scope.services });

    function extendService(name: string, current: Scope, chain: readonly string[]): Node | undefined {
      const entry = current.services.get(name);
      if (entry === undefined) return undefined;
      const service = entry.value;
      const reference = member(service, 'extends');
      if (service.kind !== 'map' || reference === undefined) return service;
      const resolved = baseOf(name, reference, current);
      if (resolved === undefined) return dropExtends(service);
      if (chain.length >= maxChain) {
        context.collector.report(diagnose('load.extends-depth', { limit: maxChain }, reference.span));
        return dropExtends(service);
      }
      const link = `${name} in ${current.fileName}`;
      if (chain.includes(link)) {
        context.collector.report(diagnose('load.extends-cycle', { chain: [...chain, link] }, reference.span));
        return dropExtends(service);
      }
      const base = extendService(resolved.name, resolved.scope, [...chain, link]);
      if (base === undefined || isNull(base)) return service;
      const merged = mergeOver({ name, base, service, cleared: current.cleared });
      current.services.set(name, { key: entry.key, value: merged });
      return merged;

      function dropExtends(map: MapNode): MapNode {
        const without = withoutMember(map, 'extends');
        current.services.set(name, { key: (entry as Entry).key, value: without });
        return without;
      }
    }

    function baseOf(name: string, reference: Node, current: Scope): { name: string; scope: Scope } | undefined {
      const base = reference.kind === 'map' ? textOf(member(reference, 'service')) : textOf(reference);
      if (base === undefined) {
        context.collector.report(diagnose('load.extends-form', { service: name }, reference.span));
        return undefined;
      }
      const path = textOf(member(reference, 'file'));
      const scope = path === undefined ? current : scopeOfFile(path, reference);
      if (scope === undefined) return undefined;
      if (scope.services.has(base)) return { name: base, scope };
      const suggestion = nearest(base, scope.services.keys());
      const at = (member(reference, 'service') ?? reference).span;
      const params = { service: name, base, file: scope.fileName, suggestion };
      context.collector.report(diagnose('load.extends-unknown', params, at));
      return undefined;
    }

    function scopeOfFile(path: string, reference: Node): Scope | undefined {
      const at = (member(reference, 'file') ?? reference).span;
      const isRemote = isRemoteDefinition(path);
      const absolute = isRemote ? context.remotes.find(path, context.collector, at) : resolve(context.lookupDir, path);
      if (absolute === undefined) return undefined;
      const file = context.sources.read(absolute);
      if ('reason' in file) {
        context.collector.report(diagnose('load.file-not-found', { path: absolute, reason: file.reason }, at));
        return undefined;
      }
      const base = isRemote || isAbsolute(path) ? dirname(absolute) : relative(context.lookupDir, dirname(absolute)) || '.';
      const loaded = loadExtended(absolute, { ...context, lookupDir: context.lookupDir });
      if (loaded === undefined) return undefined;
      const services = member(rebasePaths(loaded.tree, base, context), 'services');
      const entries = services?.kind === 'map' ? services.entries : new Map<string, Entry>();
      return { services: new Map(entries), fileName: absolute, cleared: loaded.cleared };
    }

    function mergeOver(step: { name: string; base: Node; service: MapNode; cleared: Scope['cleared'] }): Node {
      const { name, base, service, cleared } = step;
      const wrap = (value: Node, section: string) => mapNode(new Map([[section, { key: value.span, value }]]), value.span);
      const wrapped = wrap(wrap(base, name), 'services');
      const below = member(member(clearPaths(wrapped, cleared), 'services'), name) ?? base;
      const merged = mergeNodes({ base: below, over: service, path: ['services', name], context });
      return merged.kind === 'map' ? withoutMember(merged, 'extends') : merged;
    }
  };
}
