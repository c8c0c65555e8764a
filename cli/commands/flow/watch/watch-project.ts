import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import { diagnose } from '#core/watch/catalogue.ts';
import { changesOf } from '#core/watch/change.ts';
import type { EmitWatch } from '#core/watch/event.ts';
import type { WatcherNotice } from '#core/watch/file-event.ts';
import type { Ledger } from '#core/watch/ledger.ts';
import type { WatchRule } from '#core/watch/rule.ts';
import type { CommandContext } from '../../../context.ts';
import type { ManualAction } from './carry-out.ts';
import { type ServiceWatcher, serviceWatcher } from './service-watcher.ts';
import { openWatchedFiles, type WatchedFiles } from './watched-files.ts';

export interface WatchProject {
  readonly project: () => Project;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly rules: readonly WatchRule[];
  /** The files of the rules, when they are watched already. */
  readonly files?: WatchedFiles | undefined;
  readonly engine: Engine;
  readonly emit: EmitWatch;
  readonly rebuild: (service: string) => Promise<void>;
  /** Ends the watch in good order. */
  readonly signal: AbortSignal;
  /** Files are watched from now on. */
  readonly onReady: () => void;
  /** Called once with the way to ask for something by hand. */
  readonly onControl?: (ask: (service: string, action: ManualAction) => void) => void;
}

/**
 * Watches the files of some rules and serves their services until the signal aborts. The project is up, or will be: containers
 * are found as they come and go. Rejects when files cannot be watched (`watch.*`).
 */
export async function watchProject(context: CommandContext, request: WatchProject): Promise<void> {
  const { project, rules, engine, emit, ledgers } = request;
  const opened = request.files ?? openWatchedFiles(context, { project: project(), rules });
  const ending = new AbortController();
  const signal = AbortSignal.any([request.signal, ending.signal]);
  const shared = {
    ...{ context, engine, project, ledgers, emit, signal, rebuild: request.rebuild },
    now: () => performance.now(),
    ignoreFile: opened.ignoreFile,
  };
  const startedMs = shared.now();
  const names = [...new Set(rules.map((rule) => rule.service))];
  // The others have no files to follow, but may be restarted by hand.
  const all = [...new Set([...names, ...Object.keys(project().services)])];
  const watchers = new Map(
    all.map((name) => [
      name,
      serviceWatcher(
        shared,
        name,
        rules.filter((rule) => rule.service === name),
      ),
    ]),
  );
  request.onControl?.((service, action) => watchers.get(service)?.ask(action));
  const files = followFiles({
    files: opened,
    signal,
    emit,
    watchers,
    services: names,
    elapsed: () => shared.now() - startedMs,
    onReady: request.onReady,
  });
  const containers = followContainers(engine, { project: project().name, signal, watchers });
  try {
    await Promise.all([files, containers, ...[...watchers.values()].map((one) => one.running)]);
  } finally {
    ending.abort();
    await Promise.allSettled([files, containers, ...[...watchers.values()].map((one) => one.running)]);
  }
}

interface FollowFiles {
  readonly files: WatchedFiles;
  readonly signal: AbortSignal;
  readonly emit: EmitWatch;
  readonly watchers: ReadonlyMap<string, ServiceWatcher>;
  readonly services: readonly string[];
  readonly elapsed: () => number;
  readonly onReady: () => void;
}

async function followFiles(request: FollowFiles): Promise<void> {
  const { files, signal, watchers } = request;
  const changes = changesOf(files.roots);
  signal.addEventListener('abort', files.close, { once: true });
  if (signal.aborted) files.close();
  for await (const { events, notices } of files.told) {
    for (const event of events) for (const change of changes(event)) watchers.get(change.rule.service)?.add(change);
    for (const notice of notices) tellNotice(notice, request);
  }
}

function tellNotice(notice: WatcherNotice, { emit, services, elapsed, onReady }: FollowFiles): void {
  switch (notice.type) {
    case 'ready':
      emit({ type: 'enabled', services, directories: notice.directories, files: notice.files, elapsedMs: elapsed() });
      onReady();
      break;
    case 'overflow':
      emit({ type: 'problem', diagnostic: diagnose('watch.events-lost', {}) });
      break;
    case 'unwatched':
      emit({ type: 'problem', diagnostic: diagnose('watch.unwatched', notice) });
      break;
  }
}

async function followContainers(
  engine: Engine,
  request: { readonly project: string; readonly signal: AbortSignal; readonly watchers: ReadonlyMap<string, ServiceWatcher> },
): Promise<void> {
  for await (const { container, change } of engine.watch(request.project, request.signal)) {
    if (change !== 'health') request.watchers.get(container.service)?.containersChanged();
  }
}
