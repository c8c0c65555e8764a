import { TscomposeError } from '#core/diagnostics/error.ts';
import type { UpOptions } from '#core/plan/options.ts';
import { diagnose } from '../../args/catalogue.ts';
import type { Flags, FlagValues } from '../../args/flags.ts';
import type { CommandContext } from '../../context.ts';

/** Flags that `up`, `create` and `plan` share. */
export const createFlags = {
  build: { type: 'boolean', help: 'Build images before starting' },
  'force-recreate': { type: 'boolean', help: 'Recreate containers even if nothing changed' },
  'no-build': { type: 'boolean', help: 'Never build images' },
  'no-recreate': { type: 'boolean', help: 'Keep containers even if something changed' },
  pull: {
    type: 'string',
    choices: ['always', 'missing', 'never', 'if_not_present', 'build'],
    help: 'When to pull images',
  },
  'quiet-pull': { type: 'boolean', help: 'Do not show the progress of pulls' },
  'remove-orphans': { type: 'boolean', help: 'Remove containers of services that are no longer defined' },
  scale: { type: 'list', value: 'SERVICE=NUM', help: 'Number of replicas (repeatable)' },
  yes: { type: 'boolean', alias: 'y', spellings: [{ name: 'y', deprecated: true }], help: 'Answer every question with yes' },
} as const satisfies Flags;

/** Flags that `up` and `plan` add. */
export const upFlags = {
  ...createFlags,
  'always-recreate-deps': { type: 'boolean', help: 'Recreate dependencies too' },
  'no-deps': { type: 'boolean', help: 'Leave dependencies alone' },
  'no-start': { type: 'boolean', help: 'Create containers, do not start them' },
  'renew-anon-volumes': { type: 'boolean', alias: 'V', help: 'New anonymous volumes instead of the old data' },
  resume: { type: 'boolean', help: 'Leave alone what a command has stopped, unless its restart is "always"' },
  timeout: { type: 'number', alias: 't', min: 0, help: 'Seconds until containers that must stop are killed' },
  wait: { type: 'boolean', help: 'Wait until services run or are healthy; implies --detach' },
  'wait-timeout': { type: 'number', min: 0, help: 'Most seconds to wait' },
} as const satisfies Flags;

type UpValues = FlagValues<typeof upFlags>;

/** Pairs that exclude each other among these flags. */
export const createConflicts = [
  ['build', 'no-build'],
  ['force-recreate', 'no-recreate'],
] as const;
export const upConflicts = [...createConflicts, ['no-recreate', 'always-recreate-deps', 'renew-anon-volumes']] as const;

/** The planner's options for these flags. */
export function upOptions(
  context: CommandContext,
  request: { readonly flags: Partial<UpValues>; readonly given: ReadonlySet<string>; readonly services: readonly string[] },
): UpOptions {
  const { flags, given, services } = request;
  const force = flags['force-recreate'] === true || flags['renew-anon-volumes'] === true;
  const never = flags['no-recreate'] === true;
  return {
    services,
    recreate: never ? 'never' : force ? 'force' : 'diverged',
    recreateDependencies: never ? 'never' : flags['always-recreate-deps'] === true ? 'force' : 'diverged',
    withoutDependencies: flags['no-deps'] === true,
    withoutStart: flags['no-start'] === true,
    removeOrphans: given.has('remove-orphans') ? flags['remove-orphans'] === true : context.settings.removeOrphans,
    ignoreOrphans: context.settings.ignoreOrphans,
    renewAnonymousVolumes: flags['renew-anon-volumes'] === true,
    scale: scaleOf(flags.scale ?? [], '--scale'),
    ...seconds('timeoutMs', flags.timeout),
    wait: flags.wait === true,
    ...seconds('waitTimeoutMs', flags['wait-timeout']),
    ...pullPolicy(flags.pull),
    ...buildPolicy(flags),
    recreateVolumes: flags.yes === true,
    ...(flags.resume === true ? { resume: true } : {}),
    nowMs: context.host.now(),
    ...(context.settings.compatibility ? { separator: '_' } : {}),
  };
}

/** `{ key: ms }` of a flag in seconds; nothing when the flag is not given. */
export function seconds<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return (value === undefined ? {} : { [key]: value * 1000 }) as { [P in K]?: number };
}

/** `SERVICE=NUM` words as a record. Rejects with `cli.bad-flag-value`. */
export function scaleOf(words: readonly string[], flag: string): Record<string, number> {
  const scale: Record<string, number> = {};
  for (const word of words) {
    const [, service, number] = /^([^=]+)=(\d+)$/.exec(word) ?? [];
    if (service === undefined || number === undefined) {
      throw new TscomposeError(diagnose('cli.bad-flag-value', { flag, value: word, allowed: 'SERVICE=NUM, such as web=3' }));
    }
    scale[service] = Number(number);
  }
  return scale;
}

/** `--pull build` is another word for `--build`. */
function buildPolicy(flags: Partial<UpValues>): Pick<UpOptions, 'build'> {
  if (flags['no-build'] === true) return { build: 'never' };
  return flags.build === true || flags.pull === 'build' ? { build: 'always' } : {};
}

function pullPolicy(pull: UpValues['pull']): Pick<UpOptions, 'pull'> {
  if (pull === undefined) return {};
  if (pull === 'build') return {};
  return { pull: pull === 'if_not_present' ? 'missing' : pull };
}
