import type { Project } from '#core/model/project.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { watchLines } from '../views/watch/watch-lines.ts';
import { attachedUp } from './flow/attached-up.ts';
import { bringUp } from './flow/bring-up.ts';
import { checkServices, loadModel } from './flow/model.ts';
import { upConflicts, upFlags, upOptions } from './flow/up-flags.ts';
import { type Definition, loadDefinition } from './flow/watch/definition.ts';
import { type PreparedWatch, prepareWatch } from './flow/watch/prepare-watch.ts';

export const up = command({
  name: 'up',
  summary: 'Create and start the project',
  flags: {
    ...upFlags,
    'abort-on-container-exit': { type: 'boolean', help: 'Stop everything when one container exits' },
    'abort-on-container-failure': { type: 'boolean', help: 'Stop everything when one container fails' },
    'auto-apply': { type: 'boolean', help: 'With --watch: apply changes of the compose file without asking' },
    attach: { type: 'list', value: 'service', help: 'Follow only this service (repeatable)' },
    'attach-dependencies': { type: 'boolean', help: 'Follow dependencies too' },
    detach: { type: 'boolean', alias: 'd', help: 'Return when everything has started' },
    'exit-code-from': { type: 'string', value: 'service', help: 'Exit with the status of this service' },
    menu: { type: 'boolean', help: 'Read keys while attached: d leaves the containers running (default on a terminal)' },
    'no-attach': { type: 'list', value: 'service', help: 'Do not follow this service (repeatable)' },
    'no-color': { type: 'boolean', help: 'Log lines without colour' },
    'no-log-prefix': { type: 'boolean', help: 'Log lines without name' },
    'quiet-build': { type: 'boolean', help: 'Do not show what builds do' },
    timestamps: { type: 'boolean', help: 'Time before each log line' },
    watch: { type: 'boolean', alias: 'w', help: 'Bring saved files into the containers, as the command watch does' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  conflicts: [
    ...upConflicts,
    [
      'detach',
      'abort-on-container-exit',
      'abort-on-container-failure',
      'attach',
      'attach-dependencies',
      'exit-code-from',
      'watch',
    ],
    ['wait', 'abort-on-container-exit', 'abort-on-container-failure', 'attach', 'attach-dependencies', 'exit-code-from', 'watch'],
    ['attach', 'attach-dependencies'],
    ['abort-on-container-exit', 'abort-on-container-failure'],
    ['no-build', 'watch'],
  ],
  examples: [
    { line: 'up -d --wait', does: 'start in the background and return when everything is healthy' },
    { line: 'up --dry-run', does: 'show the plan and change nothing' },
  ],
  async run({ flags, given, operands, context }) {
    const wish = { services: operands, withoutDependencies: flags['no-deps'] };
    const toRun = { ...wish, consent: { yes: flags.yes } };
    const load = () => loadDefinition(context, wish);
    const definition = flags.watch ? await loadDefinition(context, toRun) : undefined;
    const project = definition?.project ?? (await loadModel(context, toRun));
    const options = upOptions(context, { flags, given, services: operands });
    const isDetached = flags.detach || flags.wait || flags['no-start'] || context.settings.dryRun;
    if (isDetached) {
      await bringUp(context, {
        operation: 'up',
        project,
        options,
        quietPull: flags['quiet-pull'],
        quietBuild: flags['quiet-build'],
      });
      return 0;
    }
    const from = flags['exit-code-from'];
    if (from !== undefined) checkServices([from], Object.keys(project.services));
    const prepare = (definition: Definition): Promise<PreparedWatch> =>
      prepareWatch(context, {
        ...{ definition, load, services: operands, options },
        flags: { 'auto-apply': flags['auto-apply'], prune: false, quiet: flags['quiet-build'] },
      });
    await using prepared = definition === undefined ? undefined : await prepare(definition);
    return await attachedUp(context, {
      project,
      options: prepared?.upOptions ?? options,
      watch: {
        isOn: prepared !== undefined,
        run: async ({ write, ask, signal }) => {
          const how = { emit: watchLines({ ...context, write, prefix: ' ⦿ ' }), signal, ...(ask === undefined ? {} : { ask }) };
          if (prepared !== undefined) return prepared.start(how).ended;
          await using turnedOn = await prepare(await load());
          await turnedOn.start(how).ended;
        },
      },
      quietPull: flags['quiet-pull'],
      quietBuild: flags['quiet-build'],
      attach: attachedServices(project, { ...flags, services: operands }),
      exitCodeFrom: from,
      abortOn: flags['abort-on-container-failure']
        ? 'failure'
        : flags['abort-on-container-exit'] || from !== undefined
          ? 'exit'
          : undefined,
      colour: context.settings.colourOut && !flags['no-color'],
      prefix: !flags['no-log-prefix'],
      timestamps: flags.timestamps,
      menu: hasMenu(context, given.has('menu') ? flags.menu : undefined),
    });
  },
});

/** Keys are read where somebody sits in front of both streams; `--menu` and COMPOSE_MENU may say no. */
function hasMenu({ host, settings, env }: CommandContext, asked: boolean | undefined): boolean {
  const isWanted = asked ?? !/^(0|f|false)$/i.test(env['COMPOSE_MENU'] ?? '');
  return isWanted && host.stdin.isTTY === true && host.stdout.isTTY === true && settings.progress === 'tty';
}

/** Services whose output is shown: named ones (or all), less those that opt out, changed by the attach flags. */
function attachedServices(
  project: Project,
  flags: {
    readonly services: readonly string[];
    readonly attach: readonly string[];
    readonly 'attach-dependencies': boolean;
    readonly 'no-attach': readonly string[];
  },
): ReadonlySet<string> {
  const known = Object.keys(project.services);
  checkServices([...flags.attach, ...flags['no-attach']], known);
  const named = flags.services.length === 0 || flags['attach-dependencies'] ? known : flags.services;
  const wanted = flags.attach.length > 0 ? flags.attach : named.filter((name) => project.services[name]?.attach !== false);
  return new Set(wanted.filter((name) => !flags['no-attach'].includes(name)));
}
