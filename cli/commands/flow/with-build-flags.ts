import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { parseByteSize } from '#core/load/short/byte-size.ts';
import type { Build, Project, Service } from '#core/model/project.ts';
import { diagnose } from '../../args/catalogue.ts';

/** Flags of `build` that say how a service is built. */
export interface BuildFlags {
  /** `NAME=VALUE`, or a name whose value the environment has. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly ssh: string | undefined;
  readonly memory: string | undefined;
  readonly provenance: string | undefined;
  readonly sbom: string | undefined;
}

/** The project with the flags written into its build sections, so that everything after works on one description. */
export function withBuildFlags(project: Project, flags: BuildFlags): Project {
  const memory = flags.memory === undefined ? undefined : memoryOf(flags.memory);
  const args = Object.fromEntries(flags.args.flatMap((text) => argumentOf(text, flags.env)));
  const services = Object.entries(project.services).map(([name, service]): readonly [string, Service] => {
    const { build } = service;
    if (build === undefined) return [name, service];
    const changed: Build = {
      ...build,
      ...(Object.keys(args).length === 0 ? {} : { args: { ...build.args, ...args } }),
      ...(flags.noCache ? { no_cache: true } : {}),
      ...(flags.pull ? { pull: true } : {}),
      ...(flags.ssh === undefined ? {} : { ssh: [...(build.ssh ?? []), agentOf(flags.ssh, flags.cwd)] }),
      ...(memory === undefined ? {} : { memory }),
      ...(flags.provenance === undefined ? {} : { provenance: flags.provenance }),
      ...(flags.sbom === undefined ? {} : { sbom: flags.sbom }),
    };
    return [name, { ...service, build: changed }];
  });
  return { ...project, services: Object.fromEntries(services) };
}

function argumentOf(text: string, env: BuildFlags['env']): readonly (readonly [string, string])[] {
  const at = text.indexOf('=');
  if (at > 0) return [[text.slice(0, at), text.slice(at + 1)]];
  if (at === 0)
    throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--build-arg', value: text, allowed: 'NAME=VALUE' }));
  const value = env[text];
  return value === undefined ? [] : [[text, value]];
}

/** Bytes; none: no limit, as Docker has it. */
function memoryOf(text: string): string | undefined {
  const bytes = parseByteSize(text);
  if (typeof bytes !== 'bigint' || bytes < 0n)
    throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--memory', value: text, allowed: 'a size, such as 512m' }));
  return bytes === 0n ? undefined : String(bytes);
}

function agentOf(text: string, cwd: string): string {
  const at = text.indexOf('=');
  if (at === -1 && text === 'default') return text;
  if (at < 1)
    throw new TscomposeError(diagnose('cli.bad-flag-value', { flag: '--ssh', value: text, allowed: '"default" or ID=SOCKET' }));
  return `${text.slice(0, at)}=${resolve(cwd, text.slice(at + 1))}`;
}
