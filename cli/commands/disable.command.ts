import { existsSync, rmSync } from 'node:fs';
import { command } from '../args/command.ts';
import { unitName, unitPath } from '../systemd/unit.ts';
import { projectName } from './flow/model.ts';
import { systemctl } from './flow/systemctl.ts';

export const disable = command({
  name: 'disable',
  summary: 'Do not bring the project up at boot any more',
  flags: {},
  operands: [],
  examples: [],
  async run({ context }) {
    const name = await projectName(context);
    const path = unitPath(name, context.env);
    if (!existsSync(path)) {
      context.output.note(`project ${name} was not enabled`);
      return 0;
    }
    if (context.settings.dryRun) {
      context.output.note(`would remove ${path}`);
      return 0;
    }
    await systemctl(context, `disable ${unitName(name)}`);
    rmSync(path, { force: true });
    context.output.note(`removed ${path}`);
    await systemctl(context, 'daemon-reload');
    return 0;
  },
});
