import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Project } from '#core/model/project.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { bakeFile } from './flow/bake-file.ts';
import { buildBases } from './flow/build-bases.ts';
import { change } from './flow/change.ts';
import { checkDockerfiles } from './flow/check-dockerfiles.ts';
import { checkServices, loadModel } from './flow/model.ts';
import { pushWithView } from './flow/push-image.ts';
import { type BuildFlags, withBuildFlags } from './flow/with-build-flags.ts';

const noDaemon = 'the embedded engine builds';

export const build = command({
  name: 'build',
  summary: 'Build the images of services',
  flags: {
    'build-arg': {
      type: 'list',
      value: 'NAME=VALUE',
      help: 'Build argument; NAME alone is taken from the environment (repeatable)',
    },
    builder: { type: 'string', value: 'name', hidden: true, ignored: noDaemon, help: 'Builder to use' },
    check: { type: 'boolean', help: 'Check the Dockerfiles and build nothing' },
    compress: { type: 'boolean', default: true, hidden: true, ignored: 'nothing is sent anywhere', help: 'Compress the context' },
    'force-rm': {
      type: 'boolean',
      default: true,
      hidden: true,
      ignored: 'containers of steps are always removed',
      help: 'Remove containers',
    },
    memory: { type: 'string', alias: 'm', value: 'bytes', help: 'Memory that a step may use' },
    'no-cache': { type: 'boolean', help: 'Do every step again' },
    'no-rm': { type: 'boolean', hidden: true, ignored: 'containers of steps are always removed', help: 'Keep containers' },
    parallel: {
      type: 'boolean',
      default: true,
      hidden: true,
      ignored: 'builds always run side by side',
      help: 'Build side by side',
    },
    print: { type: 'boolean', help: 'Print what would be built as a bake file and build nothing' },
    progress: { type: 'string', value: 'mode', hidden: true, help: 'As the global flag' },
    provenance: { type: 'string', value: 'mode', help: 'Attestation of where an image comes from; only "false" is supported' },
    pull: { type: 'boolean', help: 'Fetch newer base images' },
    push: { type: 'boolean', help: 'Send the images to their registries afterwards' },
    quiet: { type: 'boolean', alias: 'q', help: 'Do not show what builds do' },
    sbom: { type: 'string', value: 'mode', help: 'List of an image’s parts; only "false" is supported' },
    ssh: { type: 'string', value: 'default|ID=SOCKET', help: 'SSH agent for RUN --mount=type=ssh' },
    'with-dependencies': { type: 'boolean', help: 'Build the dependencies of the services too' },
  },
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  conflicts: [['check', 'print']],
  examples: [
    { line: 'build', does: 'build every service that has a build section' },
    { line: 'build --no-cache web', does: 'build one service from the beginning' },
    { line: 'build --check', does: 'look for mistakes in the Dockerfiles' },
  ],
  async run({ flags, operands, context: given }) {
    const context = withProgress(given, flags.progress);
    const loaded = await loadModel(context, { allResources: true, naming: operands });
    checkServices(operands, Object.keys(loaded.services));
    const project = withBuildFlags(loaded, buildFlags(flags, context));
    const services = operands.length > 0 ? operands : Object.keys(project.services);
    const selection = { services, withDependencies: flags['with-dependencies'] };
    if (flags.print) {
      context.output.result(`${JSON.stringify(bakeFile(project, selectBuilds(project, services)), undefined, 2)}\n`);
      return 0;
    }
    if (flags.check) return checkDockerfiles(context, project, selectBuilds(project, services));
    if (selectBuilds(project, services).length === 0 && !flags['with-dependencies']) {
      context.output.note('No services to build');
      return 0;
    }
    const { planBuild } = await import('#core/plan/build.ts');
    const bases = await buildBases(context, project);
    const { plan, wasExecuted } = await change(context, {
      operation: 'build',
      name: project.name,
      project,
      plan: (model) => planBuild(model, { ...selection, bases }),
      hides: (event) => flags.quiet && event.type === 'build-event',
    });
    if (flags.push && wasExecuted)
      await pushBuilt(
        context,
        project,
        plan.actions.flatMap((one) => (one.kind === 'image.build' ? one.service : [])),
      );
    return 0;
  },
});

/** The old place of the flag, which many scripts use. */
function withProgress(context: CommandContext, mode: string | undefined): CommandContext {
  if (mode === undefined || mode === 'auto') return context;
  const progress = progressModes.find((one) => one === mode);
  if (progress === undefined) {
    const allowed = ['auto', ...progressModes].join(', ');
    throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--progress', value: mode, allowed }));
  }
  return { ...context, settings: { ...context.settings, progress } };
}

const progressModes = ['tty', 'plain', 'json', 'quiet'] as const;

function buildFlags(
  flags: {
    readonly 'build-arg': readonly string[];
    readonly memory: string | undefined;
    readonly 'no-cache': boolean;
    readonly provenance: string | undefined;
    readonly pull: boolean;
    readonly sbom: string | undefined;
    readonly ssh: string | undefined;
  },
  context: CommandContext,
): BuildFlags {
  return {
    args: flags['build-arg'],
    env: context.env,
    cwd: context.host.cwd,
    noCache: flags['no-cache'],
    pull: flags.pull,
    ssh: flags.ssh,
    memory: flags.memory,
    provenance: flags.provenance,
    sbom: flags.sbom,
  };
}

function selectBuilds(project: Project, services: readonly string[]): readonly string[] {
  return services.filter((name) => project.services[name]?.build !== undefined).sort();
}

/** What has a name of its own is sent, under all its names. */
async function pushBuilt(context: CommandContext, project: Project, services: readonly string[]): Promise<void> {
  const engine = await context.engine();
  for (const name of services) {
    const service = project.services[name];
    if (service?.image === undefined) continue;
    for (const reference of new Set([service.image, ...(service.build?.tags ?? [])])) {
      await pushWithView({ engine, reference, view: undefined, signal: context.interrupts.signal });
    }
  }
}
