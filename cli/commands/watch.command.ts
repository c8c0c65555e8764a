import { watchRules } from '#core/watch/rule.ts';
import { command } from '../args/command.ts';
import { watchLines } from '../views/watch/watch-lines.ts';
import { bringUp } from './flow/bring-up.ts';
import { report } from './flow/change.ts';
import { checkServices, loadModel } from './flow/model.ts';
import { upOptions } from './flow/up-flags.ts';
import { rebuildService } from './flow/watch/rebuild-service.ts';
import { takeWatchLock } from './flow/watch/take-watch-lock.ts';
import { watchProject } from './flow/watch/watch-project.ts';

export const watch = command({
  name: 'watch',
  summary: 'Start the project and bring saved files into its containers',
  flags: {
    'no-up': { type: 'boolean', help: 'Do not start the project first' },
    prune: { type: 'boolean', default: true, help: 'Remove the images that a rebuild replaces' },
    quiet: { type: 'boolean', help: 'No output of builds and pulls' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  examples: [
    { line: 'watch', does: 'start everything and follow the files under "develop: watch:"' },
    { line: 'watch --no-up web', does: 'follow the files of web only, which runs already' },
  ],
  async run({ flags, operands: services, context }) {
    const { host, output, settings, interrupts } = context;
    const project = await loadModel(context);
    checkServices(services, Object.keys(project.services));
    const { rules, diagnostics } = watchRules(project, services);
    report(context, diagnostics);
    const engine = await context.engine();
    await using _lock = await takeWatchLock(engine, project.name, interrupts.signal);
    const options = upOptions(context, { flags: {}, given: new Set(), services });
    if (!flags['no-up'])
      await bringUp(context, {
        operation: 'up',
        project,
        options: { ...options, recreateDependencies: 'never' },
        quietPull: flags.quiet,
      });
    if (settings.dryRun) return 0;
    const emit = watchLines({ write: (line) => host.stderr.write(`${line}\n`), output, settings });
    await watchProject(context, {
      ...{ project, rules, engine, emit },
      signal: interrupts.signal,
      rebuild: (service) => rebuildService(context, { project, service, options, ...flags }),
    });
    return 0;
  },
});
