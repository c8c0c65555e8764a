import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { LaunchReply, SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import { bundleJson } from '../bundle/bundle.ts';
import type { EngineContext } from '../engine-context.ts';
import { writeInPlace } from '../host/atomic-write.ts';
import { removeTree } from '../host/remove-tree.ts';
import { fitNeighbourTable } from '../network/bridge.ts';
import { ensureNetwork } from '../network/networks.ts';
import { requireNetwork } from '../network/stored-network.ts';
import { containerStatus } from './alive.ts';
import { claimForStart, releasePorts } from './claim.ts';
import { type ContainerRow, requireContainer, setDesired } from './container-rows.ts';
import { planLaunch } from './plan-launch.ts';
import { sweepContainer } from './sweep.ts';

export interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  /** The first instruction waits for a client that attaches; its terminal has this size. */
  readonly awaitAttach?: { readonly columns?: number | undefined; readonly rows?: number | undefined };
  /** Variables of this start only, which are never stored: they may be secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The container is killed when this process ends. */
  readonly owner?: SupervisorSpec['owner'];
}

/** Starts a created or ended container; a running one stays as it is. */
export async function startContainer(context: EngineContext, id: string, options: StartOptions = {}): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const row = requireContainer(context.database, id);
  const status = containerStatus(context, id);
  if (status.kind === 'live') return;
  if (status.kind === 'orphaned') await sweepContainer(context, id);
  const networks = row.stored.networks.map(({ name }) => requireNetwork(context.database, name));
  await Promise.all(networks.map((network) => ensureNetwork(context, network)));
  signal?.throwIfAborted();
  const claim = claimForStart(context, row, networks);
  try {
    if (claim.ports.length > 0) await context.firewall.sync();
    if (networks.length > 0) fitNeighbourTable(countContainers(context));
    const launch = await planLaunch(context, withEnvironment(row, options.environment), claim);
    const supervisor = { ...withAttach(launch.supervisor, options.awaitAttach), ...ownerOf(options) };
    const runDir = context.paths.containerRun(id);
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    writeInPlace({ path: join(runDir, 'config.json'), data: bundleJson(launch.config), mode: 0o600 });
    writeInPlace({ path: join(runDir, 'supervisor.json'), data: JSON.stringify(supervisor), mode: 0o600 });
    const reply = await context.launcher().start(runDir);
    if (!reply.ok) throw startFailure(row, reply);
    if (launch.newFilter !== undefined) context.seccompFilters(launch.supervisor.runtime.path).keep(launch.newFilter, id);
  } catch (error) {
    setDesired(context.database, id, 'stopped');
    await releasePorts(context, id);
    if (containerStatus(context, id).kind !== 'live') removeTree(context.paths.containerRun(id));
    throw error;
  }
}

function withEnvironment(row: ContainerRow, environment: StartOptions['environment']): ContainerRow {
  if (environment === undefined) return row;
  const { stored } = row;
  const service = { ...stored.spec.service, environment: { ...stored.spec.service.environment, ...environment } };
  return { ...row, stored: { ...stored, spec: { ...stored.spec, service } } };
}

function ownerOf({ owner }: StartOptions): Pick<SupervisorSpec, 'owner'> {
  return owner === undefined ? {} : { owner };
}

function withAttach(spec: SupervisorSpec, wish: StartOptions['awaitAttach']): SupervisorSpec {
  if (wish === undefined) return spec;
  const { columns = 0, rows = 0 } = wish;
  return { ...spec, process: { ...spec.process, awaitAttach: true, columns, rows } };
}

/** Exit status as Docker's: 127 no such program, 126 not executable, 128 anything else. */
function startFailure(row: ContainerRow, reply: Extract<LaunchReply, { ok: false }>): TscomposeError {
  const exit = reply.reason === 'not-found' ? 127 : reply.reason === 'not-executable' ? 126 : 128;
  return new TscomposeError(diagnose('engine.start-failed', { name: row.name, reason: reply.message, exit }));
}

function countContainers({ database }: EngineContext): number {
  return Number(database.prepare("SELECT count(*) AS n FROM containers WHERE desired = 'running'").get()?.['n'] ?? 0);
}
