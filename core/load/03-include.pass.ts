import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
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
import { readEnvFiles } from './env-files.ts';
import { isRemoteDefinition } from './remote-definition.ts';

/** Loads a model of its own from files; given by the caller, since the passes may not import the pipeline they are part of. */
export type LoadModel = (paths: readonly string[], context: LoadContext) => MapNode;

const sections = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'];

/** Imports what the document's `include` list names; the document's own definitions are merged over the included ones. */
export function include(loadModel: LoadModel): (tree: MapNode, context: DocumentContext) => MapNode {
  return (tree, context) => {
    const list = member(tree, 'include');
    if (list === undefined) return tree;
    let result = withoutMember(tree, 'include');
    if (isNull(list)) return result;
    if (list.kind !== 'list') {
      context.collector.report(diagnose('load.include-not-list', {}, list.span));
      return result;
    }
    for (const item of list.items) {
      const included = includeOne(item, context, loadModel);
      if (included !== undefined) result = importSections(included, result, context);
    }
    return result;
  };
}

function includeOne(item: Node, context: DocumentContext, loadModel: LoadModel): MapNode | undefined {
  const { collector, lookupDir, remotes, sources } = context;
  const written = item.kind === 'scalar' ? texts(item) : texts(member(item, 'path'));
  if (written.length === 0) {
    collector.report(diagnose('load.include-item', {}, item.span));
    return undefined;
  }
  const paths: string[] = [];
  for (const path of written) {
    const absolute = isRemoteDefinition(path) ? remotes.find(path, collector, item.span) : resolve(lookupDir, path);
    if (absolute === undefined) return undefined;
    const file = sources.read(absolute);
    if ('reason' in file) {
      collector.report(diagnose('load.file-not-found', { path: absolute, reason: file.reason }, item.span));
      return undefined;
    }
    paths.push(absolute);
  }
  const [main = ''] = paths;
  const including = context.file.path === undefined ? context.including : [...context.including, context.file.path];
  if (including.includes(main)) {
    collector.report(diagnose('load.include-cycle', { files: [...including, main] }, item.span));
    return undefined;
  }
  const places = projectDirectory({ given: textOf(member(item, 'project_directory')), main, context });
  const environment = new Map(context.environment);
  for (const [name, value] of readEnvFiles(envFiles(item, places.absolute, context), context)) {
    if (!environment.has(name)) environment.set(name, value);
  }
  return loadModel(paths, {
    ...context,
    workingDir: places.relative,
    lookupDir: places.absolute,
    environment,
    resolvesPaths: true,
    including,
  });
}

interface Place {
  readonly given: string | undefined;
  readonly main: string;
  readonly context: DocumentContext;
}

/** Paths of the included model come out relative to the including one and are resolved with its own. */
function projectDirectory({ given, main, context }: Place): { relative: string; absolute: string } {
  const absolute = given === undefined || given === '' ? dirname(main) : resolve(context.lookupDir, given);
  if (given !== undefined && isAbsolute(given)) return { relative: given, absolute };
  return { relative: relative(context.lookupDir, absolute) || '.', absolute };
}

function envFiles(item: Node, projectDir: string, context: DocumentContext): string[] {
  const listed = texts(member(item, 'env_file'));
  const dotenv = join(projectDir, '.env');
  if (listed.length === 0) return context.sources.isFile(dotenv) ? [dotenv] : [];
  return listed.filter((path) => path !== '/dev/null').map((path) => resolve(context.lookupDir, path));
}

function texts(node: Node | undefined): string[] {
  const items = node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
  return items.map(textOf).filter((text) => text !== undefined);
}

function importSections(included: MapNode, document: MapNode, context: DocumentContext): MapNode {
  let result = document;
  for (const section of sections) {
    const from = member(included, section);
    if (from?.kind !== 'map') continue;
    const own = member(result, section);
    if (own !== undefined && own.kind !== 'map') continue; // The schema pass reports what is no mapping.
    const entries = new Map<string, Entry>(own?.entries);
    for (const [name, entry] of from.entries) {
      const local = entries.get(name);
      entries.set(name, local === undefined ? entry : { key: local.key, value: overIncluded(entry, local) });

      function overIncluded(base: Entry, over: Entry): Node {
        const wrapped = mapNode(
          new Map([[section, { key: base.key, value: mapNode(new Map([[name, base]]), from?.span ?? base.key) }]]),
          base.key,
        );
        const cleared = member(member(clearPaths(wrapped, context.cleared), section), name);
        if (cleared === undefined) return over.value;
        return mergeNodes({ base: cleared, over: over.value, path: [section, name], context });
      }
    }
    result = withMember(result, section, mapNode(entries, own?.span ?? from.span));
  }
  return result;
}
