import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { psStyle, type TableStyle, tableText } from './table.ts';
import { evaluateTemplate } from './template/evaluate.ts';
import { parseTemplate } from './template/parse.ts';
import { type Block, TemplateFault } from './template/syntax.ts';

export type TemplateFields = Readonly<Record<string, unknown>>;

/**
 * A Go template of `--format` for each row; a leading `table ` adds a header and aligns. `{{.Label "key"}}` reads the
 * `Labels` of a row. What the templates of this program do not know is `cli.bad-template`.
 */
export function formatTemplate(template: string, rows: readonly TemplateFields[], style: TableStyle = psStyle): string {
  const isTable = template.startsWith('table ');
  const text = unescaped(isTable ? template.slice('table '.length) : template);
  const fields = Object.keys(rows[0] ?? {}).sort();
  return explained(template, fields, () => {
    const block = parseTemplate(text);
    const lines = rows.map((row) => rowText(block, row));
    if (!isTable) return lines.map((line) => `${line}\n`).join('');
    return tableText(
      [headerText(block, { text, style }), ...lines].map((line) => line.split('\t')),
      style,
    );
  });
}

/** A Go template over one document, such as that of `inspect`; a member that is not there is `<no value>`. */
export function formatDocument(template: string, document: object): string {
  const fields = Object.keys(document).sort();
  return explained(template, fields, () => evaluateTemplate(parseTemplate(unescaped(template)), document, { strict: false }));
}

function rowText(block: Block, row: TemplateFields): string {
  return evaluateTemplate(block, row, {
    strict: true,
    method: (name, args) => (name === 'Label' ? { value: labelOf(row, String(args[0])) } : undefined),
  });
}

/** The template with the name of each field that it mentions in place of its value. */
function headerText(block: Block, { text, style }: { readonly text: string; readonly style: TableStyle }): string {
  const fields = [...text.matchAll(/\.(\w+)/g)].map(([, field = '']) => [field, style.headers?.[field] ?? headerOf(field)]);
  return evaluateTemplate(block, Object.fromEntries(fields), {
    strict: false,
    method: (name, args) => (name === 'Label' ? { value: String(args[0]).split('.').at(-1) } : undefined),
  });
}

const headers: Readonly<Record<string, string>> = {
  RunningFor: 'CREATED',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
};

/** `LocalVolumes` → `LOCAL VOLUMES`. */
function headerOf(field: string): string {
  return headers[field] ?? field.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase();
}

function explained(template: string, fields: readonly string[], run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    throw new TscomposeError(diagnose('cli.bad-template', { template, part: error.part, fields }), { cause: error });
  }
}

function unescaped(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function labelOf(row: TemplateFields, key: string): string {
  const pairs = String(row['Labels'] ?? '').split(',');
  return pairs.find((pair) => pair.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
}
