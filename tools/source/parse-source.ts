import { parseSync } from 'oxc-parser';

/** A node of the ESTree-like syntax tree: `type`, offsets, and the fields of its type. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceImport {
  readonly specifier: string;
  /** Nothing of the module is needed at run time. */
  readonly isTypeOnly: boolean;
  /** Imported names, `default`, or `*`; empty for a side effect or a dynamic import. */
  readonly names: readonly string[];
  /** 1-based. */
  readonly line: number;
}

export interface ParsedSource {
  /** Static imports, re-exports, `import('…')` with a literal, and `import('…').Type`. */
  readonly imports: readonly SourceImport[];
  readonly body: readonly SyntaxNode[];
  /** Calls `see` for every node, parents first. */
  visit(see: (node: SyntaxNode) => void): void;
  /** 1-based line of an offset. */
  lineOf(offset: number): number;
  /** Text of the doc comment that stands right before an offset, without its frame; a `|` of a union may stand between. */
  docBefore(offset: number): string | undefined;
}

/** Parses a TypeScript file; throws when it has syntax errors. */
export function parseSource(file: { readonly path: string; readonly text: string }): ParsedSource {
  const { program, module, comments, errors } = parseSync(file.path, file.text);
  if (errors.length > 0) throw new Error(`${file.path}: ${errors.map((error) => error.message).join('; ')}`);
  const body = program.body as unknown as readonly SyntaxNode[];
  const lineOf = (offset: number): number => file.text.slice(0, offset).split('\n').length;
  const visit = (see: (node: SyntaxNode) => void): void => visitNode(body, see);
  const imports: SourceImport[] = module.staticImports.map((one) => ({
    specifier: one.moduleRequest.value,
    isTypeOnly: one.entries.length > 0 && one.entries.every((name) => name.isType),
    names: one.entries.map((name) => importedName(name.importName)),
    line: lineOf(one.start),
  }));
  for (const one of module.staticExports) {
    const [entry] = one.entries;
    if (!entry?.moduleRequest) continue;
    imports.push({
      specifier: entry.moduleRequest.value,
      isTypeOnly: one.entries.every((name) => name.isType),
      names: one.entries.map((name) => importedName(name.importName)),
      line: lineOf(one.start),
    });
  }
  visit((node) => {
    if (node.type !== 'ImportExpression' && node.type !== 'TSImportType') return;
    const source = node['source'] as SyntaxNode;
    if (source.type !== 'Literal') return;
    imports.push({
      specifier: String(source['value']),
      isTypeOnly: node.type === 'TSImportType',
      names: [],
      line: lineOf(node.start),
    });
  });
  const docBefore = (offset: number): string | undefined => {
    const doc = comments.findLast((one) => one.end <= offset && one.type === 'Block' && one.value.startsWith('*'));
    return doc !== undefined && /^[\s|]*$/.test(file.text.slice(doc.end, offset)) ? unframe(doc.value) : undefined;
  };
  return { imports, body, visit, lineOf, docBefore };
}

function importedName(name: { readonly kind: string; readonly name?: string | null }): string {
  if (name.kind === 'Default') return 'default';
  return name.name ?? '*';
}

function visitNode(value: unknown, see: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const one of value) visitNode(one, see);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (typeof (value as SyntaxNode).type === 'string') see(value as SyntaxNode);
  for (const field of Object.values(value)) visitNode(field, see);
}

function unframe(comment: string): string {
  const lines = comment.slice(1).split('\n');
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
