import type { ObservedContainer } from '#core/observe/observed.ts';
import type { EmitWatch, WatchEvent } from '#core/watch/event.ts';
import type { TextOutput } from '../../host.ts';
import { rowsOf } from '../text.ts';
import { type WatchRow, watchRows } from './watch-rows.ts';
import { syncedText } from './watch-text.ts';

/** The live view of a watch: a block at the bottom of the terminal, everything else scrolls above it. */
export interface WatchScreen {
  readonly emit: EmitWatch;
  setContainers(containers: readonly ObservedContainer[]): void;
  /** Whose output is shown: a service, all (undefined) or nobody's (empty). */
  setLogsOf(logsOf: string | undefined): void;
  /** Shows a question in place of the keys; undefined takes it away. */
  setQuestion(question: string | undefined): void;
  /** Writes text that scrolls. */
  interleave(write: () => void): void;
  /** The terminal has another size. */
  resized(): void;
  /** Takes the block away. */
  close(): void;
}

/** Redrawn at most this often for what only changes the block. */
const redrawMs = 50;

/** What is written between these appears at once, in terminals that know them: no flicker. */
const atomic = { begin: '\x1b[?2026h', end: '\x1b[?2026l' } as const;

/** Opens the view on standard error for the services of a project, some of which are watched; both may change. */
export function watchScreen(request: {
  readonly stderr: TextOutput;
  readonly colour: boolean;
  readonly services: () => readonly string[];
  readonly watched: () => ReadonlySet<string>;
}): WatchScreen {
  const { stderr, colour } = request;
  const told = new Map<string, { last: string; isBusy: boolean }>();
  let containers: readonly ObservedContainer[] = [];
  let logsOf: string | undefined;
  let question: string | undefined;
  let drawn: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isHidden = false;
  let isClosed = false;

  const rows = (): WatchRow[] => {
    const watched = request.watched();
    return [...new Set([...request.services(), ...containers.map((one) => one.service)])].map((service) => ({
      service,
      containers: containers.filter((one) => one.service === service && !one.oneOff),
      last: told.get(service)?.last ?? '',
      isBusy: told.get(service)?.isBusy ?? false,
      isWatched: watched.has(service),
    }));
  };
  const columns = (): number => stderr.columns ?? 80;
  const erase = (): string => {
    // A terminal that has become narrower has broken the lines.
    const height = rowsOf(drawn, columns());
    drawn = [];
    return height === 0 ? '' : `\x1b[${height}A\r\x1b[0J`;
  };
  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    isHidden = false;
    if (isClosed) return;
    const maxRows = Math.max(2, (stderr.rows ?? 24) - 2);
    const lines = watchRows({ rows: rows(), logsOf, question, columns: columns(), maxRows, colour });
    stderr.write(`${atomic.begin}${erase()}${lines.join('\n')}\n${atomic.end}`);
    drawn = lines;
  };
  const drawSoon = (): void => {
    if (!isClosed) timer ??= setTimeout(draw, redrawMs);
  };
  /** Everything that is written in this turn of the loop scrolls before the block comes back. */
  const hide = (): void => {
    if (isClosed || isHidden) return;
    isHidden = true;
    stderr.write(`${atomic.begin}${erase()}`);
    setImmediate(draw);
  };
  return {
    emit(event) {
      const now = stateAfter(event);
      const before = now === undefined ? undefined : told.get(now.service);
      // A new container that has everything already: what was told before says more.
      if (now !== undefined)
        told.set(now.service, isNews(event) || before?.last === '' ? now : { ...now, last: before?.last ?? '' });
      drawSoon();
    },
    setContainers(list) {
      containers = list;
      drawSoon();
    },
    setLogsOf(service) {
      logsOf = service;
      drawSoon();
    },
    setQuestion(text) {
      question = text;
      drawSoon();
    },
    interleave(write) {
      hide();
      write();
    },
    resized: drawSoon,
    close() {
      clearTimeout(timer);
      stderr.write(`${erase()}${atomic.end}`);
      isClosed = true;
    },
  };
}

function isNews(event: WatchEvent): boolean {
  if (event.type === 'sync-started') return event.cause !== 'container';
  return event.type !== 'sync-finished' || event.written + event.removed > 0;
}

/** What a service's row says after an event. */
function stateAfter(event: WatchEvent): { service: string; last: string; isBusy: boolean } | undefined {
  switch (event.type) {
    case 'sync-started':
      return { service: event.service, last: `syncing ${event.changes} changes`, isBusy: true };
    case 'sync-finished':
      return { service: event.service, last: `synced: ${syncedText(event)}`, isBusy: false };
    case 'action-started':
      return {
        service: event.service,
        last: `${{ rebuild: 'rebuilding', restart: 'restarting', apply: 'applying' }[event.action]} …`,
        isBusy: true,
      };
    case 'action-finished': {
      const word = { rebuild: 'rebuilt', restart: 'restarted', apply: 'applied' }[event.action];
      return { service: event.service, last: `${word} in ${(event.elapsedMs / 1000).toFixed(1)} s`, isBusy: false };
    }
    case 'action-failed':
      return { service: event.service, last: `${event.action} failed`, isBusy: false };
    case 'exec-started':
      return { service: event.service, last: `running ${event.command}`, isBusy: true };
    case 'exec-finished':
      return {
        service: event.service,
        last: event.exitCode === 0 ? `ran ${event.command}` : `status ${event.exitCode} of ${event.command}`,
        isBusy: false,
      };
    default:
      return undefined;
  }
}
