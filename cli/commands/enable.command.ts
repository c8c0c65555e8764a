import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Project } from '#core/model/project.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { packageRoot } from '../package-root.ts';
import { profilesOf, unitName, unitPath, unitText } from '../systemd/unit.ts';
import { loadModel } from './flow/model.ts';
import { systemctl } from './flow/systemctl.ts';

export const enable = command({
  name: 'enable',
  summary: 'Bring the project up at each boot (systemd)',
  flags: { print: { type: 'boolean', help: 'Print the unit and change nothing' } },
  operands: [],
  examples: [{ line: 'enable --print', does: 'show the systemd unit that enable would write' }],
  async run({ flags, context }) {
    const project = await loadModel(context);
    const text = projectUnit(context, project);
    if (flags.print) {
      context.output.result(text);
      return 0;
    }
    const path = unitPath(project.name, context.env);
    if (context.settings.dryRun) {
      context.output.note(`would write ${path}`);
      return 0;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o644 });
    context.output.note(`wrote ${path}`);
    await systemctl(context, `daemon-reload`);
    await systemctl(context, `enable ${unitName(project.name)}`);
    return 0;
  },
});

function projectUnit(context: CommandContext, project: Project): string {
  const { globals, env, host } = context;
  if (globals.file.includes('-')) throw new TscomposeError(diagnose('cli.enable-stdin', {}));
  return unitText({
    project: project.name,
    workingDir: project.workingDir,
    composeFiles: project.composeFiles,
    envFiles: globals['env-file'].map((path) => resolve(host.cwd, path)),
    profiles: profilesOf(globals, env),
    program: join(packageRoot, 'bin', 'tscompose'),
    env,
  });
}
