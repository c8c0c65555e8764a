import type { Engine } from '#core/engine/engine.ts';
import { logLines, type Pace } from '#core/engine/log-lines.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { type LogPrinter, logName } from '../../views/log-printer.ts';

export interface Attachment {
  /** Shows the container's lines from now on; a container that is followed already stays so. */
  follow(container: ObservedContainer): void;
  /** The same for a container that has been started again, once its last lines from before are printed. */
  followAgain(container: ObservedContainer): void;
  /** Resolves when every awaited container has exited for good and its lines are printed. */
  finished(): Promise<void>;
  /** Ends all following. */
  close(): void;
}

/** What a followed container is followed for. */
export interface Role {
  /** Its lines and its end are printed. */
  readonly isShown: boolean;
  /** `finished` waits for it, and its exit is reported. */
  readonly isAwaited: boolean;
}

/** Follows the output of containers and tells their ends: `web-1 exited with code 0`. */
export function attachment(request: {
  readonly engine: Engine;
  readonly project: string;
  readonly printer: LogPrinter;
  readonly pace: Pace;
  /** Lines before this moment are not shown. */
  readonly sinceMs: number;
  /** Absent: all are shown and awaited. */
  readonly roleOf?: (container: ObservedContainer) => Role;
  readonly onExit: (exit: { readonly container: ObservedContainer; readonly exitCode: number }) => void;
}): Attachment {
  const { engine, printer, pace, roleOf = () => ({ isShown: true, isAwaited: true }) } = request;
  const closing = new AbortController();
  const { signal } = closing;
  const followed = new Map<string, Following>();
  /** Time of the last printed line by container: what comes after it is new. */
  const printed = new Map<string, string>();

  const followOne = async (container: ObservedContainer, lines: Promise<void>, restarted: AbortSignal): Promise<void> => {
    const name = logName(container);
    // The log ends with the container; its last lines come before the status line.
    const [outcome] = await Promise.all([
      engine.awaitContainer(container.id, 'exited', AbortSignal.any([signal, restarted])),
      lines,
    ]);
    if (outcome.outcome !== 'satisfied') return;
    const exitCode = outcome.exitCode ?? 0;
    const { isShown, isAwaited } = roleOf(container);
    if (isShown) printer.status(`${name} exited with code ${exitCode}`);
    if (isAwaited) request.onExit({ container, exitCode });
  };

  const begin = (container: ObservedContainer): void => {
    if (signal.aborted) return;
    const restarted = new AbortController();
    const { id } = container;
    const { isShown, isAwaited } = roleOf(container);
    const printing = { engine, printer, name: logName(container), id, sinceMs: request.sinceMs, printed, pace, signal };
    const lines = isShown ? printLines(printing) : Promise.resolve();
    const ended = followOne(container, lines, restarted.signal).catch((error: unknown) => {
      if (!signal.aborted && !restarted.signal.aborted) throw error;
    });
    // Whoever waits in `finished` sees the failure.
    ended.catch(() => {});
    followed.set(id, { lines, ended, restarted, isShown, isAwaited });
  };
  void tellRestarts(request, { signal, isFollowed: (id) => followed.get(id)?.isShown === true });
  return {
    follow(container) {
      if (!followed.has(container.id)) begin(container);
    },
    followAgain(container) {
      const before = followed.get(container.id);
      if (before === undefined) return begin(container);
      // While the log is still followed there is nothing to do: it goes on in the same file. Its end may not have been noticed as
      // an exit, when the container was quick to run again.
      const again = (): void => {
        before.restarted.abort();
        begin(container);
      };
      // A failure of reading shows in `ended`.
      before.lines.then(again, () => {});
    },
    async finished() {
      for (let known = -1; known !== followed.size; ) {
        known = followed.size;
        await Promise.all([...followed.values()].map((one) => (one.isAwaited ? one.ended : undefined)));
      }
    },
    close: () => closing.abort(),
  };
}

/** One run of a container. */
interface Following extends Role {
  readonly lines: Promise<void>;
  /** It has exited and everything is printed. */
  readonly ended: Promise<void>;
  /** Aborts the wait for the exit of a run that has been over for long. */
  readonly restarted: AbortController;
}

/** `web-1 exited with code 1 (restarting)`: the end of a container whose policy starts it again. */
async function tellRestarts(
  request: { readonly engine: Engine; readonly project: string; readonly printer: LogPrinter },
  following: { readonly signal: AbortSignal; readonly isFollowed: (id: string) => boolean },
): Promise<void> {
  try {
    for await (const { container, change } of request.engine.watch(request.project, following.signal)) {
      if (change !== 'restarting' || !following.isFollowed(container.id)) continue;
      request.printer.status(`${logName(container)} exited with code ${container.exitCode ?? 0} (restarting)`);
    }
  } catch (error) {
    // These lines are a courtesy: losing them must not end the command.
    if (!following.signal.aborted)
      request.printer.status(`restarts are not shown: ${error instanceof Error ? error.message : error}`);
  }
}

async function printLines(request: {
  engine: Engine;
  printer: LogPrinter;
  name: string;
  id: string;
  sinceMs: number;
  printed: Map<string, string>;
  pace: Pace;
  signal: AbortSignal;
}): Promise<void> {
  const { engine, printer, name, id, printed, pace, signal } = request;
  // Engine times have one width, so that they compare as texts.
  const last = printed.get(id);
  const sinceMs = last === undefined ? request.sinceMs : Date.parse(last);
  for await (const line of logLines(engine, { id, query: { follow: true, sinceMs }, pace, signal })) {
    if (signal.aborted) return;
    if (last !== undefined && line.time <= last) continue;
    printed.set(id, line.time);
    printer.line(name, line);
  }
}
