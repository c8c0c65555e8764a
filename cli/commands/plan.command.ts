import { planText } from '#core/plan/text.ts';
import { planUp } from '#core/plan/up.ts';
import { command } from '../args/command.ts';
import { planSentence } from '../views/plan-sentence.ts';
import { observeModel, report } from './flow/change.ts';
import { loadModel } from './flow/model.ts';
import { upConflicts, upFlags, upOptions } from './flow/up-flags.ts';

export const plan = command({
  name: 'plan',
  summary: 'Show what "up" would do, and why',
  flags: {
    ...upFlags,
    format: { type: 'string', choices: ['text', 'json'], default: 'text', help: 'Form of the output' },
    'exit-code': { type: 'boolean', help: 'Exit with 2 when there is something to do, 0 when not' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  conflicts: upConflicts,
  examples: [{ line: 'plan --exit-code', does: 'tell a script whether "up" would change anything' }],
  async run({ flags, given, operands, context }) {
    const { output } = context;
    const project = await loadModel(context, { services: operands, withoutDependencies: flags['no-deps'] });
    const engine = await context.engine();
    const { observed } = await observeModel(engine, { name: project.name, project }, context.interrupts.signal);
    const planned = planUp(project, observed, upOptions(context, { flags, given, services: operands }));
    report(context, planned.diagnostics);
    const sentence = planSentence(planned.plan);
    if (flags.format === 'json') output.result(`${JSON.stringify(planned.plan, null, 2)}\n`);
    else output.result(`${planText(planned.plan)}${sentence === undefined ? '' : `${sentence}\n`}`);
    const isIdle = planned.plan.actions.every((action) => action.kind === 'container.await');
    return flags['exit-code'] && !isIdle ? 2 : 0;
  },
});
