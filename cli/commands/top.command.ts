import { hasCode } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { command } from '../args/command.ts';
import { processTable } from '../views/process-rows.ts';
import { projectName } from './flow/model.ts';
import { containersOf } from './flow/pick.ts';

export const top = command({
  name: 'top',
  summary: 'Show the processes of containers',
  flags: {},
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  async run({ operands, context }) {
    const project = await projectName(context);
    const engine = await context.engine();
    const all = await containersOf(engine, { project, services: operands });
    const shown = all.filter((one) => one.state === 'running' || one.state === 'paused');
    const listed = await Promise.all(
      shown.map(async (one) => ({ service: one.service, number: one.number, processes: await processesOf(engine, one) })),
    );
    context.output.result(processTable(listed, context.host.now()));
    return 0;
  },
});

/** None of one that has ended meanwhile. */
async function processesOf(engine: Engine, { id }: ObservedContainer): Promise<Awaited<ReturnType<Engine['listProcesses']>>> {
  try {
    return await engine.listProcesses(id);
  } catch (error) {
    if (hasCode(error, 'engine.container-not-running') || hasCode(error, 'engine.container-not-found')) return [];
    throw error;
  }
}
