import type { ObservedContainer } from '#core/observe/observed.ts';
import type { EmitWatch, WatchEvent } from '#core/watch/event.ts';
import type { TextOutput } from '../../host.ts';
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
  /** Takes the block away. */
  close(): void;
}

/** Redrawn at most this often. */
const redrawMs = 50;

/** Opens the view on standard error for the services of a project, some of which are watched. */
export function watchScreen(request: {
  readonly stderr: TextOutput;
  readonly colour: boolean;
  readonly services: readonly string[];
  readonly watched: ReadonlySet<string>;
}): WatchScreen {
  const { stderr, colour, watched } = request;
  const told = new Map<string, { last: string; isBusy: boolean }>();
  let containers: readonly ObservedContainer[] = [];
  let logsOf: string | undefined;
  let question: string | undefined;
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const rows = (): WatchRow[] =>
    [...new Set([...request.services, ...containers.map((one) => one.service)])].map((service) => ({
      service,
      containers: containers.filter((one) => one.service === service && !one.oneOff),
      last: told.get(service)?.last ?? '',
      isBusy: told.get(service)?.isBusy ?? false,
      isWatched: watched.has(service),
    }));
  const erase = (): string => (drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[0J`);
  const draw = (): void => {
    timer = undefined;
    if (isClosed) return;
    const frame = {
      rows: rows(),
      logsOf,
      question,
      columns: stderr.columns ?? 80,
      maxRows: Math.max(2, (stderr.rows ?? 24) - 2),
      colour,
    };
    const lines = watchRows(frame);
    stderr.write(`${erase()}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const drawSoon = (): void => {
    if (!isClosed) timer ??= setTimeout(draw, redrawMs);
  };
  return {
    emit(event) {
      const now = stateAfter(event);
      if (now !== undefined) told.set(now.service, now);
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
      stderr.write(erase());
      drawn = 0;
      write();
      drawSoon();
    },
    close() {
      clearTimeout(timer);
      stderr.write(erase());
      drawn = 0;
      isClosed = true;
    },
  };
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
      return { service: event.service, last: `${event.command}: status ${event.exitCode}`, isBusy: false };
    default:
      return undefined;
  }
}
