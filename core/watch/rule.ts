import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Hook, Project, Service } from '../model/project.ts';
import { diagnose } from './catalogue.ts';
import { cleanPatterns } from './pattern.ts';

export type WatchAction = 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec';

/** One entry of `develop.watch`, of one service. */
export interface WatchRule {
  readonly service: string;
  /** Place in the service's list. */
  readonly index: number;
  /** Absolute host path; a file or a directory, there or not. */
  readonly path: string;
  readonly action: WatchAction;
  /** Absolute path in the container; empty where the action copies nothing. */
  readonly target: string;
  /** Cleaned patterns relative to `path`. */
  readonly ignore: readonly string[];
  readonly include: readonly string[];
  readonly exec: Hook | undefined;
  readonly initialSync: boolean;
}

/**
 * The rules of the services (all when none is named), in the order of service names. Diagnostics: `watch.nothing`, an error,
 * when there is no rule; `watch.needs-build` and `watch.mounted`.
 */
export function watchRules(
  project: Project,
  services: readonly string[],
): { readonly rules: readonly WatchRule[]; readonly diagnostics: readonly Diagnostic[] } {
  const names = Object.keys(project.services)
    .filter((name) => services.length === 0 || services.includes(name))
    .sort();
  const diagnostics: Diagnostic[] = [];
  const rules = names.flatMap((name) => {
    const service = project.services[name];
    return service === undefined ? [] : rulesOf(name, service).filter((rule) => isUsable(rule, { service, diagnostics }));
  });
  if (rules.length === 0 && diagnostics.length === 0) diagnostics.push(diagnose('watch.nothing', { services: names }));
  return { rules, diagnostics };
}

/** Whether a rule copies files into the container. */
export function copies(rule: Pick<WatchRule, 'action'>): boolean {
  return rule.action.startsWith('sync');
}

function rulesOf(service: string, { develop }: Service): readonly WatchRule[] {
  return (develop?.watch ?? []).map((entry, index) => ({
    service,
    index,
    path: String(entry['path']).replace(/(.)\/+$/, '$1'),
    action: entry['action'] as WatchAction, // the schema allows no other word
    target: typeof entry['target'] === 'string' ? entry['target'] : '',
    ignore: cleanPatterns(texts(entry['ignore'])),
    include: cleanPatterns(texts(entry['include'])),
    exec: entry['exec'] as Hook | undefined, // canonical: the loader has checked and completed it
    initialSync: (entry['initial_sync'] ?? entry['x-initialSync']) === true,
  }));
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isUsable(rule: WatchRule, { service, diagnostics }: { service: Service; diagnostics: Diagnostic[] }): boolean {
  const { path, action } = rule;
  if (action === 'rebuild' && service.build === undefined) {
    diagnostics.push(diagnose('watch.needs-build', { service: rule.service, path }));
    return false;
  }
  const mount = copies(rule) && (service.volumes ?? []).find((one) => one.type === 'bind' && covers(one.source ?? '', path));
  if (!mount) return true;
  diagnostics.push(diagnose('watch.mounted', { service: rule.service, path, target: String(mount.target) }));
  return false;
}

function covers(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
