import type { Project, Service } from '#core/model/project.ts';
import { escapeMarkup } from './dot.ts';
import { byName, dependencies, keptPlaces, publishedPorts } from './facts.ts';
import { layers } from './layers.ts';

const box = { lineHeight: 17, padding: 12, gapX: 36, gapY: 64, characterWidth: 6.7, margin: 24 };
const networkColours = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#0891b2', '#be185d', '#4d7c0f'];
const edgeStyles: Readonly<Record<string, string>> = {
  service_healthy: 'stroke="#059669"',
  service_completed_successfully: 'stroke="#7c3aed" stroke-dasharray="6 4"',
};

interface Line {
  readonly text: string;
  readonly colour: string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

/** The stack as a picture: users above what they depend on, networks in colours, ports, images and what is kept in the boxes. */
export function svgText(project: Project): string {
  const services = byName(project.services);
  const networks = [...new Set(services.flatMap(([, one]) => Object.keys(one.networks ?? {})))].sort();
  const colourOf = (network: string) => networkColours[networks.indexOf(network) % networkColours.length] ?? '#6b7280';
  const { boxes, width, height } = place(services, colourOf);
  const edges = services.flatMap(([name, service]) =>
    dependencies(service).map((one) => edge(boxes.get(name), boxes.get(one.service), one.condition)),
  );
  const legend = networks.map(
    (name, index) =>
      `<text x="${box.margin}" y="${height + index * box.lineHeight}" fill="${colourOf(name)}">● network ${escapeMarkup(name)}</text>`,
  );
  const bottom = Math.ceil(height + networks.length * box.lineHeight);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom}" width="${width}" height="${bottom}" font-family="ui-sans-serif, sans-serif" font-size="12">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#6b7280"/></marker></defs>',
    `<title>${escapeMarkup(project.name)}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    ...edges,
    ...[...boxes].map(([, one]) => boxText(one)),
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function place(services: readonly (readonly [string, Service])[], colourOf: (network: string) => string) {
  const byService = new Map(services);
  const known = (one: { readonly service: string }) => byService.has(one.service);
  const rows = layers(
    new Map(
      services.map(([name, one]) => [
        name,
        dependencies(one)
          .filter(known)
          .map(({ service }) => service),
      ]),
    ),
  );
  const sized = rows.map((row) =>
    row.map((name) => {
      const lines = linesOf(name, byService.get(name), colourOf);
      const longest = Math.max(...lines.map((one) => one.text.length));
      return {
        name,
        lines,
        width: Math.ceil(longest * box.characterWidth + 2 * box.padding),
        height: lines.length * box.lineHeight + 2 * box.padding,
      };
    }),
  );
  const widthOf = (row: readonly { readonly width: number }[]) =>
    row.reduce((sum, one) => sum + one.width, (row.length - 1) * box.gapX);
  const width = Math.max(...sized.map(widthOf), 0) + 2 * box.margin;
  const boxes = new Map<string, Box>();
  let y = box.margin;
  for (const row of sized) {
    let x = (width - widthOf(row)) / 2;
    for (const { name, ...one } of row) {
      boxes.set(name, { ...one, x, y });
      x += one.width + box.gapX;
    }
    y += Math.max(...row.map((one) => one.height)) + box.gapY;
  }
  return { boxes, width, height: Math.max(y - box.gapY + 2 * box.lineHeight, box.margin) };
}

function linesOf(name: string, service: Service | undefined, colourOf: (network: string) => string): readonly Line[] {
  if (service === undefined) return [];
  const grey = (texts: readonly string[]) => texts.map((text) => ({ text, colour: '#4b5563' }));
  return [
    { text: name, colour: '#111827' },
    ...grey([service.image ?? (service.build === undefined ? '' : 'built here')].filter((one) => one !== '')),
    ...grey(publishedPorts(service).map((one) => `⇄ ${one}`)),
    ...grey(keptPlaces(service).map((one) => `▤ ${one}`)),
    ...Object.keys(service.networks ?? {}).map((network) => ({ text: `● ${network}`, colour: colourOf(network) })),
  ];
}

function boxText({ x, y, width, height, lines }: Box): string {
  const texts = lines.map(
    ({ text, colour }, index) =>
      `<text x="${x + box.padding}" y="${y + box.padding + (index + 0.75) * box.lineHeight}" fill="${colour}"${index === 0 ? ' font-weight="bold"' : ''}>${escapeMarkup(text)}</text>`,
  );
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#f9fafb" stroke="#9ca3af"/>${texts.join('')}`;
}

function edge(from: Box | undefined, to: Box | undefined, condition: string): string {
  if (from === undefined || to === undefined) return '';
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
  const bend = (y2 - y1) / 2;
  const path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  return `<path d="${path}" fill="none" ${edgeStyles[condition] ?? 'stroke="#6b7280"'} marker-end="url(#arrow)"><title>${escapeMarkup(condition)}</title></path>`;
}
