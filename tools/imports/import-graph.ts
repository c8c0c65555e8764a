import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { parseSource } from '../source/parse-source.ts';

export interface ImportEdge {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly names: readonly string[];
  readonly target:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'builtin' }
    | { readonly kind: 'package'; readonly name: string }
    | { readonly kind: 'missing'; readonly path: string };
}

/** All imports of the given files (relative to `root`), resolved by relative path and by the `imports` of package.json. */
export function importGraph(root: string, files: readonly string[]): readonly ImportEdge[] {
  const aliases = readAliases(root);
  return files.flatMap((from) =>
    parseSource({ path: from, text: readFileSync(join(root, from), 'utf8') }).imports.map((one) => ({
      from,
      line: one.line,
      specifier: one.specifier,
      isTypeOnly: one.isTypeOnly,
      names: one.names,
      target: resolve({ root, from, specifier: one.specifier, aliases }),
    })),
  );
}

function resolve(request: {
  readonly root: string;
  readonly from: string;
  readonly specifier: string;
  readonly aliases: readonly (readonly [prefix: string, directory: string])[];
}): ImportEdge['target'] {
  const { specifier } = request;
  const alias = request.aliases.find(([prefix]) => specifier.startsWith(prefix));
  if (alias !== undefined) return file(request.root, join(alias[1], specifier.slice(alias[0].length)));
  if (specifier.startsWith('.')) return file(request.root, join(dirname(request.from), specifier));
  if (isBuiltin(specifier)) return { kind: 'builtin' };
  const [scope = '', name = ''] = specifier.split('/');
  return { kind: 'package', name: scope.startsWith('@') ? `${scope}/${name}` : scope };
}

function file(root: string, path: string): ImportEdge['target'] {
  const clean = normalize(path);
  return { kind: existsSync(join(root, clean)) ? 'file' : 'missing', path: clean };
}

function readAliases(root: string): readonly (readonly [string, string])[] {
  const manifest: { imports?: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(manifest.imports ?? {}).map(
    ([alias, directory]) => [alias.replace('*', ''), directory.replace('*', '')] as const,
  );
}
