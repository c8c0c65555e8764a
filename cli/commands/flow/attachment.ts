import type { Engine } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { type LogPrinter, logName } from '../../views/log-printer.ts';
import { logLines } from './follow.ts';

export interface Attachment {
  /** Shows the container's lines from now on; a container that is followed already stays so. */
  follow(container: ObservedContainer): void;
  /** Resolves when every followed container has exited for good and its lines are printed. */
  finished(): Promise<void>;
  /** Ends all following. */
  close(): void;
}

/** Follows the output of containers and tells their ends: `web-1 exited with code 0`. */
export function attachment(request: {
  readonly engine: Engine;
  readonly project: string;
  readonly printer: LogPrinter;
  /** Lines before this moment are not shown. */
  readonly sinceMs: number;
  readonly onExit: (exit: { readonly container: ObservedContainer; readonly exitCode: number }) => void;
}): Attachment {
  const { engine, printer, sinceMs } = request;
  const closing = new AbortController();
  const { signal } = closing;
  const followed = new Map<string, Promise<void>>();

  const followOne = async (container: ObservedContainer): Promise<void> => {
    const name = logName(container);
    // The log ends with the container; its last lines come before the status line.
    const [outcome] = await Promise.all([
      engine.awaitContainer(container.id, 'exited', signal),
      printLines({ engine, printer, name, id: container.id, sinceMs, signal }),
    ]);
    if (outcome.outcome !== 'satisfied') return;
    const exitCode = outcome.exitCode ?? 0;
    printer.status(`${name} exited with code ${exitCode}`);
    request.onExit({ container, exitCode });
  };

  void tellRestarts(request, { signal, isFollowed: (id) => followed.has(id) });
  return {
    follow(container) {
      if (followed.has(container.id)) return;
      const following = followOne(container).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      // Whoever waits in `finished` sees the failure.
      following.catch(() => {});
      followed.set(container.id, following);
    },
    async finished() {
      for (let known = -1; known !== followed.size; ) {
        known = followed.size;
        await Promise.all(followed.values());
      }
    },
    close: () => closing.abort(),
  };
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
  signal: AbortSignal;
}): Promise<void> {
  const { engine, printer, name, id, sinceMs, signal } = request;
  for await (const line of logLines(engine, { id, query: { follow: true, sinceMs }, signal })) {
    if (signal.aborted) return;
    printer.line(name, line);
  }
}
