import { TscomposeError } from '#core/diagnostics/error.ts';
import { planDown } from '#core/plan/down.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { lifecycle } from './flow/lifecycle.ts';
import { checkServices, optionalModel } from './flow/model.ts';

export const wait = command({
  name: 'wait',
  summary: 'Wait until containers of services exit',
  flags: { 'down-project': { type: 'boolean', help: 'Take the project down when the first has exited' } },
  operands: [{ name: 'SERVICE', many: true }],
  async run({ flags, operands, context }) {
    const { signal } = context.interrupts;
    const model = await optionalModel(context, { naming: operands });
    const engine = await context.engine();
    const all = await engine.listContainers({ project: model.name });
    checkServices(operands, [...Object.keys(model.project?.services ?? {}), ...all.map((one) => one.service)]);
    const running = all.filter((one) => operands.includes(one.service) && one.state === 'running');
    if (running.length === 0) throw new TscomposeError(diagnose('cli.not-running', { service: operands[0] ?? '' }));
    let status = 0;
    let isOver = false;
    const ends = running.map(async ({ id }) => {
      const outcome = await engine.awaitContainer(id, 'exited', signal);
      if (isOver) return;
      const exitCode = outcome.outcome === 'satisfied' ? (outcome.exitCode ?? 0) : 0;
      context.output.result(`container "${id}" exited with status code ${exitCode}\n`);
      status = exitCode;
    });
    // The first end takes the project down; the others end by that.
    await (flags['down-project'] ? Promise.race(ends) : Promise.all(ends));
    isOver = true;
    for (const end of ends) end.catch(() => {}); // interrupted, or taken down
    if (flags['down-project']) {
      const options = { services: [], removeOrphans: true, volumes: false };
      await lifecycle(context, {
        operation: 'down',
        services: [],
        plan: (project, observed) => planDown(project, observed, options),
      });
    }
    return status;
  },
});
