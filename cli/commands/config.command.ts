import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Loaded } from '#core/load/request.ts';
import type { Project, Service } from '#core/model/project.ts';
import { imageOf } from '#core/model/service-references.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { Flags, FlagValues } from '../args/flags.ts';
import type { CommandContext } from '../context.ts';
import { originLines } from '../views/origin-lines.ts';
import { checkServices, loadRequest } from './flow/model.ts';

const flags = {
  environment: { type: 'boolean', help: 'Print the variables used for interpolation' },
  explain: { type: 'boolean', help: 'Print where each value was written, and what it replaced' },
  format: { type: 'string', choices: ['yaml', 'json'], default: 'yaml', help: 'Form of the output' },
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
    for (const name of ['lock-image-digests', 'resolve-image-digests'] as const) {
      if (flags[name]) throw new TscomposeError(diagnose('cli.not-yet', { what: `config --${name}` }));
    }
    const loaded = await load(context, operands, flags);
    const text = await textOf(loaded, flags);
    if (flags.quiet) return 0;
    if (flags.output !== undefined) await write(context, flags.output, text);
    // As with Docker Compose JSON ends without a line break; a prompt should not stand behind it.
    else context.output.result(text.endsWith('\n') || text === '' || context.host.stdout.isTTY !== true ? text : `${text}\n`);
    return 0;
  },
});

async function load(context: CommandContext, services: readonly string[], flags: Values): Promise<Loaded> {
  const { loadProject } = await import('#core/load/load-project.ts');
  const loaded = await loadProject(
    loadRequest(context, {
      services,
      skipConsistency: flags['no-consistency'],
      skipEnvResolution: flags['no-env-resolution'],
      skipInterpolation: flags['no-interpolate'],
      skipNormalization: flags['no-normalize'],
      skipPathResolution: flags['no-path-resolution'],
    }),
  );
  for (const warning of loaded.warnings) context.output.diagnostic(warning);
  return loaded;
}

async function textOf({ project, origins }: Loaded, flags: Values): Promise<string> {
  const list = (names: Iterable<string>): string => [...names].map((name) => `${name}\n`).join('');
  if (flags.services) return list(Object.keys(project.services));
  if (flags.volumes) return list(Object.keys(project.volumes));
  if (flags.networks) return list(Object.keys(project.networks));
  if (flags.models) return list(Object.keys(project.models));
  if (flags.images) return list(imagesOf(project));
  if (flags.profiles) return list(profilesOf(project));
  if (flags.environment) return list(environmentOf(project));
  if (flags.hash !== undefined) return hashesOf(project, flags.hash);
  if (flags.explain) return originLines(origins);
  const { renderJson, renderYaml } = await import('#core/load/render/render-project.ts');
  return flags.format === 'json' ? renderJson(project) : renderYaml(project);
}

function imagesOf(project: Project): readonly string[] {
  return Object.entries(project.services).flatMap(([name, service]) => [
    imageOf(project, name, service),
    ...(service.pre_start ?? []).flatMap((hook) => hook.image ?? []),
  ]);
}

function profilesOf(project: Project): readonly string[] {
  const services: readonly Service[] = [...Object.values(project.services), ...Object.values(project.disabledServices)];
  return [...new Set(services.flatMap((service) => service.profiles ?? []))].sort();
}

function environmentOf(project: Project): readonly string[] {
  return Object.entries(project.environment)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

async function hashesOf(project: Project, wanted: string): Promise<string> {
  const { configHash } = await import('#core/load/render/config-hash.ts');
  const names = wanted === '*' ? Object.keys(project.services) : wanted.split(',');
  checkServices(names, Object.keys(project.services));
  return [...names]
    .sort()
    .flatMap((name) => {
      const service = project.services[name];
      return service === undefined ? [] : [`${name} ${configHash(service)}\n`];
    })
    .join('');
}

async function write(context: CommandContext, path: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(context.host.cwd, path), text);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new TscomposeError(diagnose('cli.bad-path', { path, why }), { cause: error });
  }
}
