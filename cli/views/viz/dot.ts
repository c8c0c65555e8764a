import type { Project, Service } from '#core/model/project.ts';
import { byName, dependencies, publishedPorts } from './facts.ts';

export interface DotOptions {
  readonly image: boolean;
  readonly networks: boolean;
  readonly ports: boolean;
  /** One level of indentation. */
  readonly indent: string;
}

/** The project as a Graphviz graph, in the shape of Docker Compose's `alpha viz`: a node a service, an edge a dependency. */
export function dotText(project: Project, options: DotOptions): string {
  const services = byName(project.services);
  const nodes = services.map(([name, service]) => `"${name}" [style="filled" label=<${label(name, service, options)}>];`);
  const edges = services.flatMap(([name, service]) => dependencies(service).map((one) => `"${name}" -> "${one.service}";`));
  const lines = ['layout=dot;', ...nodes, ...edges].map((line) => `${options.indent}${line}`);
  return `digraph "${project.name}" {\n${lines.join('\n')}\n}\n`;
}

function label(name: string, service: Service, options: DotOptions): string {
  const blocks = [
    ...(options.networks ? [['Networks', Object.keys(service.networks ?? {}).sort()] as const] : []),
    ...(options.ports ? [['Ports', publishedPorts(service)] as const] : []),
    ...(options.image && service.image !== undefined ? [['Image', [service.image]] as const] : []),
  ].filter(([, lines]) => lines.length > 0);
  const texts = blocks.map(
    ([title, lines]) =>
      `<br/><br/><font point-size="10"><b>${title}:</b></font>${lines.map((one) => `<br/><font point-size="10">${escapeMarkup(one)}</font>`).join('')}`,
  );
  return `<font point-size="15">${escapeMarkup(name)}</font>${texts.join('')}`;
}

/** Text as HTML and SVG take it. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
