import type { Project } from '#core/model/project.ts';
import type { Told } from '#core/watch/file-event.ts';
import { type IgnoreSet, type WatchRoot, watchRoots } from '#core/watch/root.ts';
import type { WatchRule } from '#core/watch/rule.ts';
import type { CommandContext } from '../../../context.ts';
import { readIgnoreFiles } from './read-ignore-files.ts';

/** The files of some rules, watched from the moment they were opened. */
export interface WatchedFiles {
  readonly rules: readonly WatchRule[];
  readonly roots: readonly WatchRoot[];
  /** The .dockerignore of a service's build context. */
  readonly ignoreFile: (service: string) => IgnoreSet | undefined;
  /** From the first change on, whenever somebody begins to take them; ends when closed. Rejects with `watch.*`. */
  readonly told: AsyncIterable<Told>;
  close(): void;
}

/** Begins to watch the files of some rules: what changes until somebody takes it waits in the watcher, and is not lost. */
export function openWatchedFiles(
  context: CommandContext,
  { project, rules }: { readonly project: Project; readonly rules: readonly WatchRule[] },
): WatchedFiles {
  const ignoreFiles = readIgnoreFiles(project, rules);
  const ignoreFile = (service: string): IgnoreSet | undefined => ignoreFiles.get(service);
  const roots = watchRoots(rules, ignoreFile);
  const closing = new AbortController();
  const changes = context.host.watchFiles({ roots, env: context.env, signal: closing.signal })[Symbol.asyncIterator]();
  // The watcher starts with the first question.
  const first = changes.next();
  first.catch(() => {}); // whoever takes the changes is told
  return { rules, roots, ignoreFile, told: from(first, changes), close: () => closing.abort() };
}

async function* from(first: Promise<IteratorResult<Told>>, rest: AsyncIterator<Told>): AsyncGenerator<Told> {
  for (let next = await first; next.done !== true; next = await rest.next()) yield next.value;
}
