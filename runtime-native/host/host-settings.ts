import { readFileSync } from 'node:fs';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { isTextList, parseRegistries, type RegistriesSection } from './registries-section.ts';

/** What the administrator of a machine decides for all stacks; see docs/networks.md. */
export interface HostSettings {
  /** Where ports are published whose `ports:` entry names no address. */
  readonly defaultHostAddress: 'any' | 'loopback';
  /** Directories with specifications of the Container Device Interface; the later one wins. */
  readonly cdiSpecDirs: readonly string[];
  /** See docs/images.md. */
  readonly registries: RegistriesSection;
}

const allowed = ['any', 'loopback'] as const;
const cdiDirectories: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

/**
 * Reads `/etc/tscompose/config.json` (`TSCOMPOSE_CONFIG` names another file); a missing file is the defaults. A key or value
 * that we do not know is an error: a setting that is meant to protect must not be dropped in silence.
 */
export function readHostSettings(env: NodeJS.ProcessEnv): HostSettings {
  const path = env['TSCOMPOSE_CONFIG'] ?? '/etc/tscompose/config.json';
  const refuse = (reason: string) => new TscomposeError(diagnose('engine.settings-invalid', { path, reason }));
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { defaultHostAddress: 'any', cdiSpecDirs: cdiDirectories, registries: {} };
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw refuse('it is not an object');
  const {
    defaultHostAddress = 'any',
    cdiSpecDirs = cdiDirectories,
    registries = {},
    ...unknown
  } = document as Readonly<Record<string, unknown>>; // just checked
  const key = Object.keys(unknown)[0];
  if (key !== undefined) throw refuse(`there is no setting "${key}"`);
  const value = allowed.find((one) => one === defaultHostAddress);
  if (value === undefined) throw refuse(`"defaultHostAddress" must be one of ${allowed.map((one) => `"${one}"`).join(', ')}`);
  if (!isTextList(cdiSpecDirs) || !cdiSpecDirs.every((one) => one.startsWith('/')))
    throw refuse('"cdiSpecDirs" must be a list of absolute directories');
  return { defaultHostAddress: value, cdiSpecDirs, registries: parseRegistries(registries, refuse) };
}
