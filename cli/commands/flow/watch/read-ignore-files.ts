import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '#core/model/project.ts';
import { parseIgnoreFile } from '#core/watch/pattern.ts';
import type { IgnoreSet } from '#core/watch/root.ts';
import type { WatchRule } from '#core/watch/rule.ts';

/** The .dockerignore (or `<Dockerfile>.dockerignore`) of each watched service that is built from a directory. */
export function readIgnoreFiles(project: Project, rules: readonly WatchRule[]): ReadonlyMap<string, IgnoreSet> {
  const found = new Map<string, IgnoreSet>();
  for (const name of new Set(rules.map((rule) => rule.service))) {
    const build = project.services[name]?.build;
    const context = build?.context;
    if (context === undefined || !context.startsWith('/')) continue;
    const dockerfile = build?.dockerfile ?? 'Dockerfile';
    const own = dockerfile.startsWith('/') ? dockerfile : join(context, dockerfile);
    const text = read(`${own}.dockerignore`) ?? read(join(context, '.dockerignore'));
    const base = context.replace(/\/+$/, '');
    if (text !== undefined) found.set(name, { base, patterns: parseIgnoreFile(text) });
  }
  return found;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // No such file, or a directory of that name: nothing is ignored.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}
