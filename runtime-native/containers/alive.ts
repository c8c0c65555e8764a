import type { EngineContext } from '../engine-context.ts';
import type { Door } from '../network/firewall.ts';
import { type ContainerStatus, readStatus } from '../supervisor-client/status.ts';

/** Exit code of what was killed without a chance to say its own: 128 + SIGKILL, as Docker tells it. */
export const killedExitCode = 137;

/** Status of a container by its directories. */
export function containerStatus({ paths }: Pick<EngineContext, 'paths'>, id: string): ContainerStatus {
  return readStatus({ runDir: paths.containerRun(id), stateDir: paths.containerState(id) });
}

/**
 * Whether a container may hold its address and ports: it runs, or a command is starting it now (wanted running, no
 * status yet). Decides who must give way, so doubt counts as alive.
 */
export function holdsResources(context: Pick<EngineContext, 'paths' | 'database'>): (id: string) => boolean {
  const desired = context.database.prepare('SELECT desired FROM containers WHERE id = ?');
  return (id) => {
    const { kind } = containerStatus(context, id);
    if (kind !== 'none') return kind === 'live';
    return desired.get(id)?.['desired'] === 'running';
  };
}

/** How a container that has published ports stands to new connections: no process takes them between an end and a restart. */
export function doorOf(context: Pick<EngineContext, 'paths' | 'database'>, id: string): Door {
  const current = containerStatus(context, id);
  if (current.kind === 'live') return current.status.state === 'restarting' ? 'closed' : 'open';
  return holdsResources(context)(id) ? 'open' : 'gone';
}
