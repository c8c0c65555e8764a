import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Project } from '#core/model/project.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { Flags, FlagValues } from '../args/flags.ts';
import type { CommandContext } from '../context.ts';
import { originLines } from '../views/origin-lines.ts';
import { loadRequest } from './flow/load-request.ts';
import { checkServices } from './flow/model.ts';

const flags = {
  environment: { type: 'boolean', help: 'Print the variables used for interpolation' },
  explain: { type: 'boolean', help: 'Print where each value was written, and what it replaced' },
  format: { type: 'string', choices: ['yaml', 'json'], help: 'Form of the output; yaml when not given' },
  hash: { type: 'string', value: '*|SERVICES', help: 'Print the hash of services (comma list, or * for all)' },
  images: { type: 'boolean', help: 'Print image names' },
  'lock-image-digests': { type: 'boolean', help: 'Print an override file that pins images' },
  models: { type: 'boolean', help: 'Print model names' },
  networks: { type: 'boolean', help: 'Print network names' },
  'no-consistency': { type: 'boolean', help: 'Do not check that the parts fit together' },
  'no-env-resolution': { type: 'boolean', help: 'Leave env_file as it is' },
  'no-interpolate': { type: 'boolean', help: 'Leave variables as they are written' },
  'no-normalize': { type: 'boolean', help: 'Without defaults' },
  'no-path-resolution': { type: 'boolean', help: 'Leave relative paths as they are' },
  output: { type: 'string', alias: 'o', value: 'file', help: 'Write to a file' },
  profiles: { type: 'boolean', help: 'Print profile names' },
  quiet: { type: 'boolean', alias: 'q', help: 'Only check' },
  'resolve-image-digests': { type: 'boolean', help: 'Replace tags by digests' },
  services: { type: 'boolean', help: 'Print service names' },
  variables: { type: 'boolean', help: 'Print the variables that the files use' },
  volumes: { type: 'boolean', help: 'Print volume names' },
} as const satisfies Flags;

type Values = FlagValues<typeof flags>;

export const config = command({
  name: 'config',
  summary: 'Check the files and show the project that they make',
  flags,
  operands: [{ name: 'SERVICE', optional: true, many: true }],
  examples: [
    { line: 'config -q', does: 'check the files, print nothing but mistakes' },
    { line: 'config --explain', does: 'where each value comes from' },
  ],
  async run({ flags, operands, context }) {
    const isRaw = flags.variables || flags['no-interpolate'];
    const text = isRaw ? await rawText(context, flags) : await projectText(context, operands, flags);
    if (flags.quiet) return 0;
    if (flags.output !== undefined) await write(context, flags.output, text);
    // As with Docker Compose JSON ends without a line break; a prompt should not stand behind it.
    else context.output.result(text.endsWith('\n') || text === '' || context.host.stdout.isTTY !== true ? text : `${text}\n`);
    return 0;
  },
});

/** The merged files before interpolation, or the variables that they use. */
async function rawText(context: CommandContext, flags: Values): Promise<string> {
  const { loadTree } = await import('#core/load/load-project.ts');
  const request = loadRequest(context, { skipInterpolation: true, skipPathResolution: flags['no-path-resolution'] });
  const { tree, collector } = await loadTree({ ...request, skipValidation: flags.variables });
  for (const warning of collector.warnings) context.output.diagnostic(warning);
  if (!flags.variables) return (await import('#core/load/render/render-raw.ts')).renderRaw(tree, flags.format ?? 'yaml');
  const render = await import('#core/load/render/variables.ts');
  const variables = render.variablesOf(tree);
  // Without --format a table.
  if (flags.format === undefined) return render.renderVariableTable(variables);
  return flags.format === 'json' ? render.renderVariableJson(variables) : render.renderVariableYaml(variables);
}

async function projectText(context: CommandContext, services: readonly string[], flags: Values): Promise<string> {
  const { loadProject } = await import('#core/load/load-project.ts');
  const loaded = await loadProject(
    loadRequest(context, {
      services,
      compatibility: context.settings.compatibility,
      skipConsistency: flags['no-consistency'],
      skipEnvResolution: flags['no-env-resolution'],
      // As the reference does: old names, and nothing filled in.
      skipNormalization: flags['no-normalize'] || context.settings.compatibility,
      skipPathResolution: flags['no-path-resolution'],
    }),
  );
  for (const warning of loaded.warnings) context.output.diagnostic(warning);
  const lists = await import('#core/load/render/lists.ts');
  const rows = listOf(loaded.project, flags, { lists, separator: context.settings.compatibility ? '_' : '-' });
  if (rows !== undefined) return rows.map((row) => `${row}\n`).join('');
  if (flags.explain) return originLines(loaded.origins);
  const project =
    flags['resolve-image-digests'] || flags['lock-image-digests'] ? await pinned(context, loaded.project) : loaded.project;
  if (flags['lock-image-digests'])
    return (await import('#core/load/render/image-digests.ts')).renderLock(project, flags.format ?? 'yaml');
  const { renderJson, renderYaml } = await import('#core/load/render/render-project.ts');
  return flags.format === 'json' ? renderJson(project) : renderYaml(project);
}

/** The project with every image pinned to the digest that its registry has now. */
async function pinned(context: CommandContext, project: Project): Promise<Project> {
  const { imagesToResolve, withImages } = await import('#core/load/render/image-digests.ts');
  const engine = await context.engine();
  const { signal } = context.interrupts;
  const pairs = imagesToResolve(project).map(async (image) => [image, await engine.pinReference(image, signal)] as const);
  return withImages(project, new Map(await Promise.all(pairs)));
}

/** The lines of the flag that asks for a list; undefined: none does. */
function listOf(
  project: Project,
  flags: Values,
  render: { readonly lists: typeof import('#core/load/render/lists.ts'); readonly separator: '-' | '_' },
): readonly string[] | undefined {
  const { lists } = render;
  if (flags.services) return lists.serviceNames(project);
  if (flags.volumes) return lists.resourceKeys(project, 'volumes');
  if (flags.networks) return lists.resourceKeys(project, 'networks');
  if (flags.models) return lists.modelReferences(project);
  if (flags.images) return lists.imageNames(project, render);
  if (flags.profiles) return lists.profileNames(project);
  if (flags.environment) return lists.environmentLines(project);
  if (flags.hash === undefined) return undefined;
  const names = flags.hash === '*' ? [] : flags.hash.split(',');
  checkServices(names, Object.keys(project.services));
  return lists.hashLines(project, names);
}

async function write(context: CommandContext, path: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(context.host.cwd, path), text);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new TscomposeError(diagnose('cli.bad-path', { path, why }), { cause: error });
  }
}
