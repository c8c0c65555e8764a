import { cleanPath } from '../join-path.ts';

export interface ShortVolume {
  readonly type: 'bind' | 'volume';
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly bind?: { readonly selinux?: string; readonly propagation?: string; readonly createsHostPath: boolean };
  readonly volume?: { readonly nocopy: boolean };
}

const propagations = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

/** Parses `[source:]target[:options]`. Unknown options are ignored, as the reference does. */
export function parseVolume(spec: string): ShortVolume | { readonly problem: string } {
  if (spec === '') return { problem: 'invalid empty volume spec' };
  if (spec.length <= 2) return { type: 'volume', target: cleanPath(spec), readOnly: false };
  const fields = splitFields(spec);
  if (fields.some((field) => field === '')) return { problem: `invalid spec: ${spec}: empty section between colons` };
  if (fields.length > 3) return { problem: `invalid spec: ${spec}: too many colons` };
  const [first = '', second, options = ''] = fields;
  const source = second === undefined ? undefined : first;
  const flags = readOptions(options);
  const isBind = source !== undefined && isHostPath(source);
  const hasBind = isBind || flags.selinux !== undefined || flags.propagation !== undefined;
  return {
    type: isBind ? 'bind' : 'volume',
    ...(source === undefined ? {} : { source }),
    target: cleanPath(second ?? first),
    readOnly: flags.readOnly,
    ...(hasBind ? { bind: { ...flags.bind, createsHostPath: isBind } } : {}),
    ...(!isBind || flags.nocopy ? { volume: { nocopy: flags.nocopy } } : {}),
  };
}

/** Splits at colons, but not inside `${…}` and not after the single letter of a Windows drive. */
function splitFields(spec: string): string[] {
  const fields: string[] = [];
  let field = '';
  let depth = 0;
  for (let at = 0; at < spec.length; at++) {
    const character = spec[at] ?? '';
    if (character === '$' && spec[at + 1] === '{') depth++;
    else if (character === '}' && depth > 0) depth--;
    else if (character === ':' && depth === 0 && !/^\p{L}$/u.test(field)) {
      fields.push(field);
      field = '';
      continue;
    }
    field += character;
  }
  return [...fields, field];
}

function readOptions(text: string) {
  let readOnly = false;
  let nocopy = false;
  const bind: { selinux?: string; propagation?: string } = {};
  for (const option of text.split(',')) {
    if (option === 'ro') readOnly = true;
    else if (option === 'rw') readOnly = false;
    else if (option === 'nocopy') nocopy = true;
    else if (option === 'z' || option === 'Z') bind.selinux = option;
    else if (propagations.has(option)) bind.propagation = option;
  }
  return { readOnly, nocopy, bind, ...bind };
}

function isHostPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}
