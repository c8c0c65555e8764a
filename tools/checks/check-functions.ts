import { parseSource } from '../source/parse-source.ts';
import { shortList } from './short-list.ts';
import type { Findings } from './step.ts';

const smellLines = 60;
const functionTypes: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Functions of more than 60 lines and exported functions without a doc comment, in the product's and the tools' TypeScript. */
export function checkFunctions(files: readonly { readonly path: string; readonly text: string }[]): Findings {
  const long: string[] = [];
  const undocumented: string[] = [];
  const sources = files.filter(({ path }) => path.endsWith('.ts') && !/(^|\/)test\//.test(path));
  for (const file of sources) {
    const source = parseSource(file);
    source.visit((node) => {
      if (!functionTypes.has(node.type)) return;
      const line = source.lineOf(node.start);
      const lines = source.lineOf(node.end) - line + 1;
      if (lines > smellLines) long.push(`${file.path}:${line} (${lines})`);
    });
    for (const statement of source.body) {
      const declaration = statement['declaration'] as { readonly type: string } | null | undefined;
      const isExported = statement.type === 'ExportNamedDeclaration' && declaration?.type === 'FunctionDeclaration';
      if (isExported && source.docBefore(statement.start) === undefined) {
        undocumented.push(`${file.path}:${source.lineOf(statement.start)}`);
      }
    }
  }
  const warnings = [
    ...(long.length === 0 ? [] : [`functions of more than ${smellLines} lines: ${shortList(long)}`]),
    ...(undocumented.length === 0 ? [] : [`exported functions that say nothing about themselves: ${shortList(undocumented)}`]),
  ];
  return { problems: [], warnings, note: `${sources.length} files` };
}
