import type { Engine } from '#core/engine/engine.ts';
import type { Project } from '#core/model/project.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import type { CommandContext } from '../../../context.ts';
import { paceOf } from '../../../pace.ts';
import { type LogPrinter, logName, logPrinter } from '../../../views/log-printer.ts';
import { watchLines } from '../../../views/watch/watch-lines.ts';
import { type WatchScreen, watchScreen } from '../../../views/watch/watch-screen.ts';
import { attachment } from '../attachment.ts';
import type { ManualAction } from './carry-out.ts';
import type { PreparedWatch } from './prepare-watch.ts';
import { readKeys } from './read-keys.ts';
import type { Watched, Watching } from './watch-session.ts';

export interface LiveWatch {
  readonly prepared: PreparedWatch;
  readonly project: Project;
  readonly engine: Engine;
}

/**
 * A watch at a terminal: states and last syncs of the services at the bottom, logs and messages above, keys. Resolves with the exit
 * status: 0 at `q`, 130 at Ctrl-C.
 */
export async function liveWatch(context: CommandContext, request: LiveWatch): Promise<number> {
  const { host, interrupts, settings, output } = context;
  const { project, engine } = request;
  let watching: Watching | undefined;
  const now = (): Watched => watching?.now() ?? { project, services: [] };
  const screen = watchScreen({
    stderr: host.stderr,
    colour: settings.colourError,
    services: () => Object.keys(now().project.services),
    watched: () => new Set(now().services),
  });
  const release = output.within((write) => screen.interleave(write));
  const ending = new AbortController();
  const signal = AbortSignal.any([interrupts.signal, ending.signal]);
  const logs = followLogs(context, { engine, project: project.name, screen, signal });
  let status = 0;
  const lines = watchLines({ write: (line) => screen.interleave(() => host.stderr.write(`${line}\n`)), output, settings });
  const asking = question(screen);
  watching = request.prepared.start({
    signal,
    emit: (event) => {
      screen.emit(event);
      // What a row tells needs no line.
      if (event.type !== 'sync-finished') lines(event);
    },
    ask: asking.ask,
    stderr: {
      write: (text) => {
        screen.interleave(() => host.stderr.write(text));
        return true;
      },
    },
  });
  const choices = () => [undefined, ...Object.keys(now().project.services).sort(), ''];
  let chosen: string | undefined;
  const onKey = (key: string): void => {
    if (asking.answer(key)) return;
    if (key === 'q' || key === '\u0003') {
      status = key === 'q' ? 0 : 130;
      ending.abort();
    } else if (key === 'l') {
      chosen = choices()[(choices().indexOf(chosen) + 1) % choices().length];
      logs.show(chosen);
      screen.setLogsOf(chosen);
    } else if (key === 'r' || key === 'b') askFor(key === 'r' ? 'restart' : 'rebuild');
  };
  /** For the service whose log is chosen, or all that are watched. */
  const askFor = (action: ManualAction): void => {
    const { services, project: current } = now();
    const meant = chosen === undefined || chosen === '' ? services : [chosen];
    const able = meant.filter((name) => action === 'restart' || current.services[name]?.build !== undefined);
    for (const name of able) watching.ask(name, action);
    if (able.length === 0) screen.interleave(() => host.stderr.write(`Nothing to rebuild: no "build" in ${meant.join(', ')}\n`));
  };
  using _keys = readKeys(host, onKey);
  const stopResize = host.onResize?.(screen.resized);
  try {
    await Promise.all([watching.ended, logs.ended]);
    return status;
  } finally {
    ending.abort();
    stopResize?.();
    release();
    screen.close();
  }
}

/** One question at a time, answered by a key. */
function question(screen: WatchScreen) {
  let settle: ((isYes: boolean) => void) | undefined;
  return {
    ask: (text: string): Promise<boolean> => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      settle = resolve;
      screen.setQuestion(text);
      return promise;
    },
    /** Whether the key was an answer. */
    answer(key: string): boolean {
      if (settle === undefined || key === 'q' || key === '\u0003') return false;
      settle(key === 'y' || key === 'Y');
      settle = undefined;
      screen.setQuestion(undefined);
      return true;
    },
  };
}

/** Shows the output of the project's containers as they come and go, and keeps the screen's states. */
function followLogs(
  { host, settings }: CommandContext,
  request: { readonly engine: Engine; readonly project: string; readonly screen: WatchScreen; readonly signal: AbortSignal },
) {
  const { engine, project, screen, signal } = request;
  let shown: string | undefined;
  const serviceOf = new Map<string, string>();
  const all = logPrinter({
    writeOut: (text) => screen.interleave(() => host.stdout.write(text)),
    writeError: (text) => screen.interleave(() => host.stderr.write(text)),
    colour: settings.colourOut,
    prefix: true,
  });
  const printer: LogPrinter = {
    ...all,
    line(name, line) {
      if (shown === undefined || serviceOf.get(name) === shown) all.line(name, line);
    },
  };
  const attached = attachment({ engine, project, printer, pace: paceOf(host), sinceMs: host.now(), onExit: () => {} });
  const know = (one: ObservedContainer): void => {
    serviceOf.set(logName({ ...one, project }), one.service);
  };
  const refresh = async (isFirst: boolean): Promise<void> => {
    const containers = (await engine.listContainers({ project })).filter((one) => !one.oneOff);
    screen.setContainers(containers);
    for (const one of containers) {
      know(one);
      if (isFirst) attached.follow(one);
    }
  };
  const follow = async (): Promise<void> => {
    try {
      await refresh(true);
      for await (const { container, change } of engine.watch(project, signal)) {
        know(container);
        if (change === 'started' && !container.oneOff) attached.followAgain(container);
        await refresh(false);
      }
    } finally {
      attached.close();
    }
  };
  return {
    ended: follow(),
    show(service: string | undefined) {
      shown = service;
    },
  };
}
