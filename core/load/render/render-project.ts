import type { Project } from '../../model/project.ts';
import { sections } from '../../model/project-shape.ts';
import { compareBytes } from '../compare.ts';
import { emitJson } from './emit-json.ts';
import { emitYaml } from './emit-yaml.ts';
import { naturalOrder } from './natural-order.ts';
import { type Form, type Ordered, ordered, sortedDeep } from './ordered.ts';

/** `config`: the project as YAML, every `$` doubled so that the text can be loaded again. */
export function renderYaml(project: Project): string {
  const root = new Map<string, Ordered>([['name', project.name]]);
  for (const [name, value] of laidOut(project, 'yaml')) root.set(name, value);
  for (const name of Object.keys(project.extensions).sort(naturalOrder))
    root.set(name, sortedDeep(project.extensions[name], 'yaml'));
  return doubled(emitYaml(root));
}

/** `config --format json`: as the reference's, `models` and nested extensions missing. No final line break. */
export function renderJson(project: Project): string {
  const members = laidOut(project, 'json').filter(([name]) => name !== 'models');
  const extensions = Object.entries(project.extensions).map(([name, value]) => [name, sortedDeep(value, 'json')] as const);
  const root = [['name', project.name] as const, ...members, ...extensions];
  return doubled(emitJson(new Map(root.sort(([a], [b]) => compareBytes(a, b))), 2));
}

function laidOut(project: Project, form: Form): [string, Ordered][] {
  const result: [string, Ordered][] = [];
  for (const [name, shape] of Object.entries(sections) as [keyof typeof sections, (typeof sections)[keyof typeof sections]][]) {
    const section = project[name];
    if (name === 'services' || Object.keys(section).length > 0) result.push([name, ordered(section, shape, form)]);
  }
  return result;
}

function doubled(text: string): string {
  return text.replaceAll('$', '$$$$');
}
