import { command } from '../args/command.ts';
import { watchLines } from '../views/watch/watch-lines.ts';
import { bringUp } from './flow/bring-up.ts';
import { checkServices } from './flow/model.ts';
import { upOptions } from './flow/up-flags.ts';
import { loadDefinition } from './flow/watch/definition.ts';
import { liveWatch } from './flow/watch/live-watch.ts';
import { prepareWatch } from './flow/watch/prepare-watch.ts';

export const watch = command({
  name: 'watch',
  summary: 'Start the project and bring saved files into its containers',
  flags: {
    'auto-apply': { type: 'boolean', help: 'Apply changes of the compose file without asking' },
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
    const { host, settings, output, interrupts } = context;
    const load = () => loadDefinition(context, { naming: services });
    const definition = await load();
    const { project } = definition;
    checkServices(services, Object.keys(project.services));
    const options = { ...upOptions(context, { flags: {}, given: new Set(), services }), recreateDependencies: 'never' as const };
    await using prepared = await prepareWatch(context, { definition, load, services, options, flags });
    if (!flags['no-up']) {
      const quiet = { quietPull: flags.quiet, quietBuild: flags.quiet };
      await bringUp(context, { operation: 'up', project, options: prepared.upOptions, ...quiet });
    }
    if (settings.dryRun) return 0;
    if (settings.progress === 'tty' && host.stdin.isTTY === true) {
      return await liveWatch(context, { prepared, project, engine: await context.engine() });
    }
    const emit = watchLines({ write: (line) => host.stderr.write(`${line}\n`), output, settings });
    await prepared.start({ emit, signal: interrupts.signal }).ended;
    return 0;
  },
});
