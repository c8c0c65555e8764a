import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { diagnose } from '../../args/catalogue.ts';
import { checkServices } from './model.ts';

/**
 * The container that `exec`, `port` mean by a service: running, lowest number first, one-offs last; `index` asks for one
 * number. Rejects with `cli.unknown-service`, `cli.not-running`.
 */
export async function pickContainer(
  engine: Engine,
  wish: {
    readonly project: string;
    readonly service: string;
    readonly index?: number | undefined;
    readonly known?: readonly string[];
  },
): Promise<ObservedContainer> {
  const all = await engine.listContainers({ project: wish.project });
  const ofService = all.filter((container) => container.service === wish.service);
  if (ofService.length === 0)
    checkServices([wish.service], [...all.map((container) => container.service), ...(wish.known ?? [])]);
  const order = (container: ObservedContainer): number => (container.oneOff ? Number.POSITIVE_INFINITY : container.number);
  const index = wish.index ?? 0;
  const [chosen] = ofService
    .filter((container) => container.state === 'running' || container.state === 'paused')
    .filter((container) => index === 0 || container.number === index)
    .sort((a, b) => order(a) - order(b));
  if (chosen === undefined) throw new TscomposeError(diagnose('cli.not-running', { service: wish.service, index }));
  return chosen;
}

/** Containers of the named services, of all when none is named, by name. Rejects with `cli.unknown-service`. */
export async function containersOf(
  engine: Engine,
  { project, services }: { readonly project: string; readonly services: readonly string[] },
): Promise<readonly ObservedContainer[]> {
  const all = await engine.listContainers({ project });
  checkServices(
    services,
    all.map((one) => one.service),
  );
  return all.filter((one) => services.length === 0 || services.includes(one.service)).sort((a, b) => (a.name < b.name ? -1 : 1));
}
