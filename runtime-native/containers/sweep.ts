import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { EngineContext } from '../engine-context.ts';
import { transaction } from '../host/database.ts';
import { removeTree } from '../host/remove-tree.ts';
import { noteEvent } from '../journal/journal.ts';
import { deletePublished } from '../network/published-rows.ts';
import { containerStatus, killedExitCode } from './alive.ts';
import { type ContainerRow, findContainer } from './container-rows.ts';
import { endLost, isLost } from './lost-supervisor.ts';
import { sweepFiles } from './sweep-files.ts';

/** Repairs one container whose supervisor was killed: what still runs of it is killed, its ports are given back. */
export async function sweepContainer(context: EngineContext, id: string): Promise<void> {
  const reply = await context.launcher().cleanup(context.paths.containerRun(id));
  if (!reply.ok && reply.reason !== 'busy') {
    const name = findContainer(context.database, id)?.name ?? id.slice(0, 12);
    throw new TscomposeError(diagnose('supervisor.failed', { name, reason: reply.message }));
  }
  const row = findContainer(context.database, id);
  if (row !== undefined && reply.ok)
    noteEvent(context, row, { action: 'die', exitCode: killedExitCode, error: 'its supervisor was killed' });
  if (deletePublished(context.database, id)) await context.firewall.sync();
}

/**
 * Repairs what killed processes and ended containers left: of one project (whose lock the caller holds), and ports of any.
 * Costs a reading of the status files and nothing else when all is well.
 */
export async function sweep(context: EngineContext, project: string): Promise<void> {
  const { database, paths } = context;
  const orphaned: string[] = [];
  const lost: ContainerRow[] = [];
  for (const row of database.prepare('SELECT id, name, desired FROM containers WHERE project = ?').all(project)) {
    const id = String(row['id']);
    const { kind } = containerStatus(context, id);
    if (kind === 'orphaned') {
      orphaned.push(id);
      context.notice(diagnose('engine.supervisor-killed', { name: String(row['name']) }));
    }
    const unaccounted = kind === 'none' && row['desired'] === 'running' ? findContainer(database, id) : undefined;
    if (unaccounted !== undefined && isLost(context, unaccounted)) lost.push(unaccounted);
    // The final status is in the state directory too.
    if (kind === 'ended') removeTree(paths.containerRun(id));
  }
  await Promise.all([...orphaned.map((id) => sweepContainer(context, id)), ...lost.map((row) => endLost(context, row))]);
  if (freeEndedPorts(context)) await context.firewall.sync();
  sweepFiles(context);
}

/** In a transaction: a start that claims ports at this moment must not lose them. */
function freeEndedPorts(context: EngineContext): boolean {
  const { database } = context;
  const holders = () =>
    database
      .prepare('SELECT DISTINCT container FROM published_ports')
      .all()
      .map((row) => String(row['container']))
      .filter((id) => containerStatus(context, id).kind === 'ended');
  if (holders().length === 0) return false;
  return transaction(database, () =>
    holders()
      .map((id) => deletePublished(database, id))
      .includes(true),
  );
}
