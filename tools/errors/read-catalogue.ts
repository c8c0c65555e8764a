import { type ParsedSource, parseSource, type SyntaxNode } from '../source/parse-source.ts';

/** One row of a diagnostics catalogue as its source shows it. */
export interface CatalogueRow {
  readonly code: string;
  readonly severity: string;
  /** Exit status, as written; absent: 1 for an error. */
  readonly exit?: string;
  /** The doc comment before the row. */
  readonly explanation?: string;
  /** Wordings with `<parameter>` in the place of values; several where the text depends on a condition. */
  readonly messages: readonly string[];
  readonly hints: readonly string[];
}

/** Reads every row with a key `area.condition` of a catalogue file, without running it. Sorted by code. */
export function readCatalogue(file: { readonly path: string; readonly text: string }): readonly CatalogueRow[] {
  const source = parseSource(file);
  const rows: CatalogueRow[] = [];
  source.visit((node) => {
    if (node.type !== 'Property') return;
    const key = (node['key'] as SyntaxNode)['value'];
    if (typeof key !== 'string' || !/^[a-z]+\.[a-z0-9-]+$/.test(key)) return;
    const row = rowObject(node['value'] as SyntaxNode);
    if (row !== undefined) rows.push(readRow(source, { code: key, node, row }));
  });
  return rows.sort((a, b) => a.code.localeCompare(b.code));
}

/** `entry({…})` or a plain object. */
function rowObject(value: SyntaxNode): SyntaxNode | undefined {
  if (value.type === 'ObjectExpression') return value;
  const [first] = value.type === 'CallExpression' ? (value['arguments'] as readonly SyntaxNode[]) : [];
  return first?.type === 'ObjectExpression' ? first : undefined;
}

function readRow(
  source: ParsedSource,
  found: { readonly code: string; readonly node: SyntaxNode; readonly row: SyntaxNode },
): CatalogueRow {
  const field = (name: string): SyntaxNode | undefined => {
    const properties = found.row['properties'] as readonly SyntaxNode[];
    return properties.find((one) => (one['key'] as SyntaxNode | undefined)?.['name'] === name)?.['value'] as
      | SyntaxNode
      | undefined;
  };
  const exit = field('exit')?.['value'];
  const explanation = source.docBefore(found.node.start);
  return {
    code: found.code,
    severity: String(field('severity')?.['value'] ?? 'error'),
    ...(exit === undefined ? {} : { exit: String(exit) }),
    ...(explanation === undefined ? {} : { explanation }),
    messages: wordings(field('message')),
    hints: wordings(field('hint')),
  };
}

/** The texts that an expression can give. */
function wordings(node: SyntaxNode | undefined): readonly string[] {
  switch (node?.type) {
    case 'ArrowFunctionExpression':
      return wordings(node['body'] as SyntaxNode);
    case 'BlockStatement':
      return (node['body'] as readonly SyntaxNode[]).flatMap((one) => wordings(one));
    case 'IfStatement':
      return [...wordings(node['consequent'] as SyntaxNode), ...wordings(node['alternate'] as SyntaxNode | undefined)];
    case 'ReturnStatement':
      return wordings(node['argument'] as SyntaxNode | undefined);
    case 'ParenthesizedExpression':
      return wordings(node['expression'] as SyntaxNode);
    case 'Literal':
      return typeof node['value'] === 'string' ? [node['value']] : [];
    case 'TemplateLiteral':
      return [templateText(node)];
    case 'ConditionalExpression':
      return [...wordings(node['consequent'] as SyntaxNode), ...wordings(node['alternate'] as SyntaxNode)];
    case 'LogicalExpression':
      return [...wordings(node['left'] as SyntaxNode), ...wordings(node['right'] as SyntaxNode)];
    case 'BinaryExpression':
      return [`${wordings(node['left'] as SyntaxNode)[0] ?? '…'}${wordings(node['right'] as SyntaxNode)[0] ?? '…'}`];
    case 'MemberExpression':
    case 'CallExpression':
      return [placeholder(node)];
    default:
      return [];
  }
}

function templateText(node: SyntaxNode): string {
  const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
  const values = node['expressions'] as readonly SyntaxNode[];
  return quasis
    .map(({ value }, index) => value.cooked + (values[index] === undefined ? '' : placeholder(values[index])))
    .join('');
}

/** `<service>` for `p.service`, `quote(p.service)`, `service`; a short text itself; `…` for what needs reading the code. */
function placeholder(node: SyntaxNode): string {
  switch (node.type) {
    case 'Identifier':
      return `<${String(node['name'])}>`;
    case 'MemberExpression': {
      const property = node['property'] as SyntaxNode;
      return property.type === 'Identifier' ? `<${String(property['name'])}>` : placeholder(node['object'] as SyntaxNode);
    }
    case 'CallExpression': {
      const callee = node['callee'] as SyntaxNode;
      const [first] = node['arguments'] as readonly SyntaxNode[];
      // `p.services.join(', ')` speaks of the services, `quote(p.name)` of the name.
      return callee.type === 'MemberExpression'
        ? placeholder(callee['object'] as SyntaxNode)
        : first === undefined
          ? '…'
          : placeholder(first);
    }
    default:
      return '…';
  }
}
