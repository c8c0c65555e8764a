import { readFileSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/watch/catalogue.ts';
import type { FileEvent, Told, WatcherNotice } from '#core/watch/file-event.ts';
import type { WatchRoot } from '#core/watch/root.ts';
import { nativePrograms } from '../host/programs.ts';
import { startHelper } from './helper-lines.ts';

const kinds = { f: 'found', w: 'written', o: 'open', d: 'gone' } as const satisfies Readonly<Record<string, FileEvent['kind']>>;

/**
 * Watches trees until the signal aborts, then ends without error. First comes what is there in roots that list, then the
 * notice `ready`. Rejects with `watch.too-many-watches`, `watch.too-many-watchers`, `watch.watcher-died`.
 */
export async function* watchFiles(request: {
  readonly roots: readonly Pick<WatchRoot, 'path' | 'ignore' | 'lists'>[];
  /** Where the native programs are. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): AsyncGenerator<Told> {
  const { roots, env, signal } = request;
  if (signal.aborted) return;
  const helper = startHelper(nativePrograms(env).helper, 'watch');
  const close = (): void => void helper.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    helper.send({ roots: roots.map(({ path, ignore, lists }) => ({ path, ignore, lists })) });
    for await (const lines of helper.lines) {
      if (signal.aborted) return;
      yield told(lines);
    }
    if (!signal.aborted) throw died(helper.complaints());
  } finally {
    signal.removeEventListener('abort', close);
    await helper.close();
  }
}

function told(lines: readonly string[]): Told {
  const events: FileEvent[] = [];
  const notices: WatcherNotice[] = [];
  for (const line of lines) {
    const message: unknown = JSON.parse(line); // our own program, of the same version
    if (Array.isArray(message)) events.push(eventOf(message));
    else notices.push(noticeOf(message as Record<string, unknown>));
  }
  return { events, notices };
}

function eventOf([root, kind, path]: readonly unknown[]): FileEvent {
  return { root: Number(root), kind: kinds[kind as keyof typeof kinds], path: String(path) };
}

function noticeOf(message: Record<string, unknown>): WatcherNotice {
  if (message['failed'] !== undefined) throw failed(message);
  if (message['ready'] === true)
    return { type: 'ready', directories: Number(message['directories']), files: Number(message['entries']) };
  if (message['overflow'] === true) return { type: 'overflow' };
  // The words of the protocol are those of the notice.
  return { type: 'unwatched', why: message['notice'] as 'unreadable', path: String(message['path']) };
}

function failed(message: Record<string, unknown>): TscomposeError {
  const watched = Number(message['watched']);
  switch (message['failed']) {
    case 'watches':
      return new TscomposeError(diagnose('watch.too-many-watches', { watched, limit: limitOf('max_user_watches') }));
    case 'instances':
      return new TscomposeError(diagnose('watch.too-many-watchers', { limit: limitOf('max_user_instances') }));
    default:
      return died(String(message['message']));
  }
}

function died(reason: string): TscomposeError {
  return new TscomposeError(diagnose('watch.watcher-died', { reason: reason || 'the watcher has ended' }));
}

function limitOf(name: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  } catch {
    // Only for the message.
    return undefined;
  }
}
