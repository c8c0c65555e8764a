import { parseSource, type SyntaxNode } from '../source/parse-source.ts';

const refusedMembers: ReadonlySet<string> = new Set(['only', 'skip', 'before', 'after']);

/**
 * What the source of a test file says that its totals cannot show: the use of `.only`, `.skip`, hooks or suites of uvu,
 * and tests that no `test.run();` at the end covers. Empty for a file that does not import uvu itself.
 */
export function inspectTestSource(file: { readonly path: string; readonly text: string }): readonly string[] {
  const source = parseSource(file);
  const uvu = source.imports.find((one) => one.specifier === 'uvu');
  if (uvu === undefined) return [];
  const problems: string[] = [];
  for (const name of uvu.names) {
    if (name !== 'test') problems.push(`imports ${name} from uvu: use test only`);
  }
  source.visit((node) => {
    const member = node.type === 'MemberExpression' ? memberOfTest(node) : undefined;
    if (member !== undefined && refusedMembers.has(member))
      problems.push(`line ${source.lineOf(node.start)}: test.${member} is not allowed`);
  });
  if (!isRunCall(source.body.at(-1))) problems.push('does not end with test.run();');
  return problems;
}

function memberOfTest(node: SyntaxNode): string | undefined {
  const object = node['object'] as SyntaxNode | undefined;
  const property = node['property'] as SyntaxNode | undefined;
  return object?.type === 'Identifier' && object['name'] === 'test'
    ? String(property?.['name'] ?? property?.['value'])
    : undefined;
}

function isRunCall(node: SyntaxNode | undefined): boolean {
  const call = node?.type === 'ExpressionStatement' ? (node['expression'] as SyntaxNode) : undefined;
  const callee = call?.type === 'CallExpression' ? (call['callee'] as SyntaxNode) : undefined;
  return callee?.type === 'MemberExpression' && memberOfTest(callee) === 'run';
}
