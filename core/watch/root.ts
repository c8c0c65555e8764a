import type { WatchRule } from './rule.ts';

/** Cleaned patterns relative to an absolute directory. */
export interface IgnoreSet {
  readonly base: string;
  readonly patterns: readonly string[];
}

/** One tree to watch: rules that see the same files share it. */
export interface WatchRoot {
  readonly path: string;
  /** What any of these names is never looked at; directories are not even opened. */
  readonly ignore: readonly IgnoreSet[];
  /** Whether what is there at the start is told. */
  readonly lists: boolean;
  readonly rules: readonly WatchRule[];
}

/** What editors and tools leave for a moment, and what nobody wants to sync; the list of Docker Compose. */
export const alwaysIgnored: readonly string[] = [
  ...['*~', '.*.swp', '.*.swx', '.*.swo', '.*.swn', '4913', '.#*', '#*#', '.idea', '___jb_*', '*.kate-swp', '*-go-tmp-umask'],
  '.git',
].map((one) => `**/${one}`);

/** The trees of some rules. `ignoreFile` answers the .dockerignore of a service's build context. */
export function watchRoots(
  rules: readonly WatchRule[],
  ignoreFile: (service: string) => IgnoreSet | undefined,
): readonly WatchRoot[] {
  const roots = new Map<string, WatchRoot>();
  for (const rule of rules) {
    const ignore = ignoreSets(rule, ignoreFile);
    const key = JSON.stringify([rule.path, ignore]);
    const before = roots.get(key);
    roots.set(key, {
      path: rule.path,
      ignore,
      lists: rule.initialSync || before?.lists === true,
      rules: [...(before?.rules ?? []), rule],
    });
  }
  return [...roots.values()];
}

/** Everything that leaves files out of a rule, but for its `include`. */
export function ignoreSets(rule: WatchRule, ignoreFile: (service: string) => IgnoreSet | undefined): readonly IgnoreSet[] {
  const fromFile = ignoreFile(rule.service);
  return [
    ...(fromFile === undefined || fromFile.patterns.length === 0 ? [] : [fromFile]),
    { base: rule.path, patterns: [...alwaysIgnored] },
    ...(rule.ignore.length === 0 ? [] : [{ base: rule.path, patterns: rule.ignore }]),
  ];
}
