import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { psStyle, type TableStyle, tableText } from './table.ts';

export type TemplateFields = Readonly<Record<string, unknown>>;

/**
 * The simple part of Go templates that people use with `--format`: `{{.Field}}`, `{{.Field.Inner}}`, `{{json .}}`, `{{json .Field}}`,
 * `upper lower truncate join`, `{{.Label "key"}}`, `\t` and `\n`; a leading `table ` adds a header and aligns. Anything
 * else is `cli.bad-template`.
 */
export function formatTemplate(template: string, rows: readonly TemplateFields[], style: TableStyle = psStyle): string {
  const isTable = template.startsWith('table ');
  const text = unescaped(isTable ? template.slice('table '.length) : template);
  const lines = rows.map((row) => expand(text, (inside) => evaluate(template, inside, row)));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const header = expand(text, (inside) => headerOf(inside));
  return tableText(
    [header, ...lines].map((line) => line.split('\t')),
    style,
  );
}

function unescaped(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function expand(text: string, replace: (inside: string) => string): string {
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_, inside: string) => replace(inside));
}

/** `.RunningFor` → `RUNNING FOR`, `.Label "a.b"` → `b`. */
function headerOf(inside: string): string {
  const label = /^\.Label\s+"(.*)"$/.exec(inside)?.[1];
  if (label !== undefined) return label.split('.').at(-1) ?? label;
  const field = /\.(\w+)/.exec(inside)?.[1] ?? '';
  if (field === 'RunningFor' || field === 'CreatedAt') return field === 'RunningFor' ? 'CREATED' : 'CREATED AT';
  if (field === 'ID') return 'CONTAINER ID';
  return field.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase();
}

function evaluate(template: string, inside: string, row: TemplateFields): string {
  const refuse = (): never => {
    throw new TscomposeError(diagnose('cli.bad-template', { template, part: `{{${inside}}}`, fields: Object.keys(row).sort() }));
  };
  const words = inside.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? refuse();
  const value = (word: string | undefined): unknown => {
    if (word === '.') return row;
    if (!word?.startsWith('.')) return refuse();
    let found: unknown = row;
    for (const [depth, key] of word.slice(1).split('.').entries()) {
      if (typeof found !== 'object' || found === null) return refuse();
      // Below the fields that are listed an absent one is no mistake of the template.
      if (!Object.hasOwn(found, key)) return depth === 0 ? refuse() : '<no value>';
      found = (found as TemplateFields)[key]; // an object of plain data
    }
    return found;
  };
  const literal = (word: string | undefined): string => (word?.startsWith('"') ? String(JSON.parse(word)) : (word ?? refuse()));
  const [first, second, third] = words;
  switch (first) {
    case 'json':
      return JSON.stringify(value(second));
    case 'upper':
      return textOf(value(second)).toUpperCase();
    case 'lower':
      return textOf(value(second)).toLowerCase();
    case 'truncate':
      return textOf(value(second)).slice(0, Number(literal(third)));
    case 'join': {
      const list = value(second);
      return Array.isArray(list) ? list.join(literal(third)) : textOf(list);
    }
    case '.Label':
      return labelOf(row, literal(second));
    default:
      return words.length === 1 ? textOf(value(first)) : refuse();
  }
}

function labelOf(row: TemplateFields, key: string): string {
  const pairs = textOf(row['Labels']).split(',');
  return pairs.find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
