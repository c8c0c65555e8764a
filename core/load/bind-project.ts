import type { Collector } from '../diagnostics/collector.ts';
import { type FileObject, type Project, Secret } from '../model/project.ts';
import { type Section, sections } from '../model/project-shape.ts';
import { type MapNode, member } from '../source/tree.ts';
import { bind, plain } from './bind.ts';
import type { Found } from './find-files.ts';

/** The typed project of a normalised tree, all services enabled. */
export function bindProject(tree: MapNode, facts: { name: string; found: Found; collector: Collector }): Project {
  const { name, found, collector } = facts;
  const section = <T>(key: Section) => {
    const node = member(tree, key);
    const empty: Readonly<Record<string, T>> = Object.create(null);
    // The shapes describe the interfaces of the model; `bind` follows them.
    return ((node && bind(node, sections[key], { path: [key], collector })) ?? empty) as Readonly<Record<string, T>>;
  };
  const secrets = section<FileObject>('secrets');
  return {
    name,
    workingDir: found.projectDir,
    composeFiles: found.files.map((file) => file.path ?? file.name),
    envFiles: found.envFiles,
    services: section('services'),
    disabledServices: Object.create(null),
    networks: section('networks'),
    volumes: section('volumes'),
    configs: section('configs'),
    secrets: Object.assign(
      Object.create(null),
      Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, sealed(secret)])),
    ),
    models: section('models'),
    extensions: extensionsOf(tree),
    environment: Object.assign(Object.create(null), Object.fromEntries(found.environment)),
  };
}

function sealed(secret: FileObject): FileObject {
  return typeof secret.content === 'string' ? { ...secret, content: new Secret(secret.content) } : secret;
}

function extensionsOf(tree: MapNode): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, { value }] of tree.entries) if (name.startsWith('x-')) result[name] = plain(value);
  return result;
}
