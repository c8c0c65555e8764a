import { command } from '../args/command.ts';
import { bringUp } from './flow/bring-up.ts';
import { checkServices, loadModel } from './flow/model.ts';
import { scaleOf, upOptions } from './flow/up-flags.ts';

export const scale = command({
  name: 'scale',
  summary: 'Set the number of replicas of services',
  flags: { 'no-deps': { type: 'boolean', help: 'Leave dependencies alone' } },
  operands: [{ name: 'SERVICE=NUM', many: true }],
  async run({ flags, given, operands, context }) {
    const replicas = scaleOf(operands, 'scale');
    const services = Object.keys(replicas);
    const project = await loadModel(context, { services, withoutDependencies: flags['no-deps'] });
    checkServices(services, Object.keys(project.services));
    const options = { ...upOptions(context, { flags: { 'no-deps': flags['no-deps'] }, given, services }), scale: replicas };
    await bringUp(context, { operation: 'scale', project, options });
    return 0;
  },
});
