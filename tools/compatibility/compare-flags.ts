import type { FlagSpec, Flags } from '#cli/args/flags.ts';

/** What Docker Compose declares for one flag. */
export interface ReferenceFlag {
  readonly name: string;
  readonly type: string;
  readonly alias?: string;
  readonly default?: string;
  readonly isHidden: boolean;
}

/** One flag of Docker Compose and what ours makes of it. */
export interface FlagVerdict {
  readonly flag: ReferenceFlag;
  readonly state: 'same' | 'differs' | 'missing' | 'without effect';
  /** How it differs, or why it has no effect. */
  readonly note: string;
}

/** `detach boolean -d =false hidden`, the rows of `docker-compose-flags.ts`. */
export function parseReferenceFlag(row: string): ReferenceFlag {
  const [name = '', type = '', ...rest] = row.split(' ');
  const alias = rest.find((one) => one.startsWith('-'))?.slice(1);
  const fallback = rest.find((one) => one.startsWith('='))?.slice(1);
  return {
    name,
    type,
    ...(alias === undefined ? {} : { alias }),
    ...(fallback === undefined ? {} : { default: fallback }),
    isHidden: rest.includes('hidden'),
  };
}

/** Holds a command's flags against the reference: presence, letter, kind of value and default. */
export function compareFlags(reference: readonly string[], flags: Flags): readonly FlagVerdict[] {
  return reference.map(parseReferenceFlag).map((flag) => {
    const own = flags[flag.name] ?? Object.values(flags).find((one) => one.spellings?.some(({ name }) => name === flag.name));
    if (own === undefined) return { flag, state: 'missing', note: '' };
    const note = differences(flag, own).join('; ');
    if (note !== '') return { flag, state: 'differs', note };
    return own.ignored === undefined ? { flag, state: 'same', note: '' } : { flag, state: 'without effect', note: own.ignored };
  });
}

function differences(flag: ReferenceFlag, own: FlagSpec): readonly string[] {
  return [
    ...(flag.alias === own.alias ? [] : [`letter ${own.alias ?? 'none'} for ${flag.alias ?? 'none'}`]),
    ...(takesValue(flag.type) === takesValue(own.type) && (flag.type === 'list') === (own.type === 'list')
      ? []
      : [`${own.type} for ${flag.type}`]),
    ...(isSameDefault(flag, own) ? [] : [`default ${defaultText(own)} for ${flag.default}`]),
  ];
}

function takesValue(type: string): boolean {
  return type !== 'boolean';
}

/** A default that only says "not given" (false, 0, nothing) is the same as none. */
function isSameDefault(flag: ReferenceFlag, own: FlagSpec): boolean {
  const empty = ['', 'false', '0', 'auto', undefined];
  const text = defaultText(own);
  return text === (flag.default ?? '') || (empty.includes(flag.default) && empty.includes(text));
}

function defaultText(own: FlagSpec): string {
  return own.type === 'list' || own.default === undefined ? '' : String(own.default);
}
