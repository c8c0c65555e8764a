import { randomBytes } from 'node:crypto';
import { hasCode, TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import { defaultDetachKeys, detachKeys } from '../args/detach-keys.ts';
import type { CommandContext } from '../context.ts';
import { bringUp } from './flow/bring-up.ts';
import { viewFor } from './flow/change.ts';
import { type Joined, join } from './flow/joined.ts';
import { loadModel } from './flow/model.ts';
import { oneOffProject } from './flow/one-off.ts';
import { createFlags, upOptions } from './flow/up-flags.ts';

const { build, pull, 'quiet-pull': quietPull, 'remove-orphans': removeOrphans } = createFlags;

export const run = command({
  name: 'run',
  summary: 'Run a command in a new container of a service',
  flags: {
    build,
    'cap-add': { type: 'list', value: 'capability', help: 'Add a capability (repeatable)' },
    'cap-drop': { type: 'list', value: 'capability', help: 'Drop a capability (repeatable)' },
    detach: { type: 'boolean', alias: 'd', help: 'Print the id of the container and return' },
    entrypoint: { type: 'string', value: 'command', help: 'Instead of the entrypoint of the image' },
    env: { type: 'list', alias: 'e', value: 'KEY=VALUE', help: 'Environment variable; KEY alone is taken from yours' },
    'env-from-file': { type: 'list', value: 'file', help: 'File of environment variables (repeatable)' },
    interactive: { type: 'boolean', alias: 'i', default: true, help: 'Keep standard input open' },
    label: { type: 'list', alias: 'l', value: 'KEY=VALUE', spellings: [{ name: 'labels' }], help: 'Label (repeatable)' },
    name: { type: 'string', value: 'name', help: 'Name of the container' },
    'no-deps': { type: 'boolean', help: 'Leave dependencies alone' },
    'no-tty': { type: 'boolean', alias: 'T', spellings: [{ name: 'no-TTY' }], help: 'Without a terminal' },
    publish: { type: 'list', alias: 'p', value: 'port', help: 'Publish a port, such as 8080:80 (repeatable)' },
    pull,
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show progress' },
    'quiet-build': { type: 'boolean', help: 'No build output' },
    'quiet-pull': quietPull,
    'remove-orphans': removeOrphans,
    rm: { type: 'boolean', help: 'Remove the container when it exits' },
    'service-ports': { type: 'boolean', alias: 'P', help: 'Publish the ports of the service' },
    tty: { type: 'boolean', alias: 't', default: true, hidden: true, help: 'With a terminal' },
    'use-aliases': { type: 'boolean', help: 'Answer to the network names of the service' },
    user: { type: 'string', alias: 'u', value: 'user[:group]', help: 'User to run as' },
    volume: { type: 'list', alias: 'v', value: 'mount', spellings: [{ name: 'volumes' }], help: 'Mount (repeatable)' },
    workdir: { type: 'string', alias: 'w', value: 'path', help: 'Working directory' },
  },
  operands: [{ name: 'SERVICE' }, { name: 'COMMAND', optional: true }, { name: 'ARGS', optional: true, many: true }],
  flagsFirst: true,
  conflicts: [
    ['publish', 'service-ports'],
    ['tty', 'no-tty'],
  ],
  examples: [
    { line: 'run --rm web sh', does: 'a shell in a new container of web, removed at its end' },
    { line: 'run --rm -T web cat < file', does: 'a command with input and without a terminal' },
  ],
  async run({ flags, given, operands, context }) {
    const [service = '', ...argv] = operands;
    const { host } = context;
    const wishes = wantsTerminal(context, { flags, given });
    const loaded = await loadModel(context, {
      services: [service],
      withoutDependencies: flags['no-deps'],
      consent: { yes: context.settings.dryRun },
    });
    const project = oneOffProject(loaded, {
      ...flags,
      ...wishes,
      service,
      argv,
      envFiles: flags['env-from-file'],
      labels: flags.label,
      servicePorts: flags['service-ports'],
      volumes: flags.volume,
      capAdd: flags['cap-add'],
      capDrop: flags['cap-drop'],
      withoutDependencies: flags['no-deps'],
      cwd: host.cwd,
    });
    const name =
      flags.name ??
      [project.name, service, 'run', randomBytes(6).toString('hex')].join(context.settings.compatibility ? '_' : '-');
    const oneOff = { service, name, useAliases: flags['use-aliases'], autoRemove: flags.rm };
    const { tty: _tty, ...upLike } = flags;
    const options = { ...upOptions(context, { flags: upLike, given, services: [service] }), oneOff };
    const request = {
      project,
      options,
      name,
      quiet: flags.quiet,
      quietPull: flags['quiet-pull'] || flags.quiet,
      quietBuild: flags['quiet-build'] || flags.quiet,
    };
    return flags.detach ? runDetached(context, request) : runAttached(context, { ...request, ...wishes, remove: flags.rm });
  },
});

interface Running {
  readonly project: Parameters<typeof bringUp>[1]['project'];
  readonly options: Parameters<typeof bringUp>[1]['options'];
  /** Of the container. */
  readonly name: string;
  readonly quiet: boolean;
  readonly quietPull: boolean;
  readonly quietBuild: boolean;
}

async function runDetached(context: CommandContext, request: Running): Promise<number> {
  const { wasExecuted } = await bringUp(context, { ...request, operation: 'run', view: closableView(context, request) });
  if (!wasExecuted) return 0;
  context.output.result(`${await idOf(context, request)}\n`);
  return 0;
}

async function runAttached(
  context: CommandContext,
  request: Running & { readonly tty: boolean; readonly interactive: boolean; readonly remove: boolean },
): Promise<number> {
  const engine = await context.engine();
  const view = closableView(context, request);
  let joined: Joined | undefined;
  let id: string | undefined;
  try {
    const { wasExecuted } = await bringUp(context, {
      ...request,
      operation: 'run',
      view,
      start: async (action, container, signal) => {
        if (action.name !== request.name) return engine.startContainer(container, signal);
        id = container;
        view.close();
        const keys = request.tty ? detachKeys(defaultDetachKeys) : undefined;
        joined = await join(context, { ...request, engine, id, start: true, passSignals: true, detachKeys: keys });
      },
    });
    if (!wasExecuted || joined === undefined) return 0;
    return await joined.ended;
  } catch (error) {
    if (id === undefined || !hasCode(error, 'engine.start-failed')) throw error;
    // The container is there and could not run: the statuses of `docker run`.
    for (const one of error.diagnostics) context.output.diagnostic(one);
    return await startStatus(context, request.project.name, id);
  } finally {
    joined?.[Symbol.dispose]();
    if (request.remove && id !== undefined) await removeEnded(context, id);
  }
}

/** 127 no such program, 126 not executable, 125 anything else. */
async function startStatus(context: CommandContext, project: string, id: string): Promise<number> {
  const containers = await (await context.engine()).listContainers({ project });
  const status = containers.find((one) => one.id === id)?.exitCode;
  return status === 126 || status === 127 ? status : 125;
}

/** One that the user has left running is removed by a later command. */
async function removeEnded(context: CommandContext, id: string): Promise<void> {
  const engine = await context.engine();
  try {
    await engine.removeContainer(id, { volumes: true });
  } catch (error) {
    if (!hasCode(error, 'engine.container-running')) throw error;
  }
}

async function idOf(context: CommandContext, { project, name }: Running): Promise<string> {
  const containers = await (await context.engine()).listContainers({ project: project.name });
  return containers.find((one) => one.name === name)?.id ?? name;
}

/** Silent once it is closed: from then on the screen is the container's. */
function closableView(context: CommandContext, { quiet }: { readonly quiet: boolean }) {
  const silent = { ...context, settings: { ...context.settings, progress: 'quiet' as const } };
  const view = viewFor(quiet ? silent : context, 'run');
  let isClosed = false;
  return {
    ...view,
    emit: (event: Parameters<typeof view.emit>[0]) => (isClosed ? undefined : view.emit(event)),
    close() {
      isClosed = true;
      view.close();
    },
  };
}

function wantsTerminal(
  { host }: CommandContext,
  {
    flags,
    given,
  }: { flags: { tty: boolean; 'no-tty': boolean; interactive: boolean; detach: boolean }; given: ReadonlySet<string> },
): { readonly tty: boolean; readonly interactive: boolean } {
  const isTerminal = { stdout: host.stdout.isTTY === true, stdin: host.stdin.isTTY === true };
  const isAsked = ['tty', 'no-tty', 'interactive'].some((name) => given.has(name));
  const tty = given.has('tty')
    ? flags.tty
    : given.has('no-tty')
      ? !flags['no-tty']
      : isTerminal.stdout && (isAsked || isTerminal.stdin);
  if (tty && flags.interactive && !isTerminal.stdin && !flags.detach) {
    const what = 'cannot attach stdin to a TTY-enabled container because stdin is not a terminal';
    throw new TscomposeError(diagnose('cli.not-a-terminal', { what }));
  }
  return { tty, interactive: flags.interactive };
}
