import { command } from '../args/command.ts';
import { bringUp } from './flow/bring-up.ts';
import { loadModel } from './flow/model.ts';
import { createConflicts, createFlags, upOptions } from './flow/up-flags.ts';

export const create = command({
  name: 'create',
  summary: 'Create containers, networks and volumes without starting anything',
  flags: createFlags,
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  conflicts: createConflicts,
  async run({ flags, given, operands, context }) {
    const project = await loadModel(context, { services: operands });
    const options = { ...upOptions(context, { flags, given, services: operands }), withoutStart: true, ignoreOrphans: false };
    await bringUp(context, { operation: 'create', project, options, quietPull: flags['quiet-pull'] });
    return 0;
  },
});
