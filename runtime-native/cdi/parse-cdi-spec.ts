import { isRecord, isTextList } from '../host/registries-section.ts';
import { type CdiHookName, type CdiSpec, cdiHookNames } from './cdi-spec.ts';

type Kind = 'text' | 'texts' | 'number' | 'numbers' | 'boolean' | 'map';
interface Fields {
  readonly [name: string]: Kind | { readonly each: Fields } | { readonly fields: Fields };
}

const edits: Fields = {
  env: 'texts',
  deviceNodes: {
    each: {
      '!path': 'text',
      hostPath: 'text',
      type: 'text',
      major: 'number',
      minor: 'number',
      fileMode: 'number',
      permissions: 'text',
      uid: 'number',
      gid: 'number',
    },
  },
  mounts: { each: { '!hostPath': 'text', '!containerPath': 'text', type: 'text', options: 'texts' } },
  hooks: { each: { '!hookName': 'text', '!path': 'text', args: 'texts', env: 'texts', timeout: 'number' } },
  additionalGids: 'numbers',
  intelRdt: {
    fields: {
      closID: 'text',
      l3CacheSchema: 'text',
      memBwSchema: 'text',
      schemata: 'texts',
      enableCMT: 'boolean',
      enableMBM: 'boolean',
      enableMonitoring: 'boolean',
    },
  },
  netDevices: { each: { '!hostInterfaceName': 'text', '!name': 'text' } },
};

/** Names and types of the fields; `!` is required. */
const specFields: Fields = {
  '!cdiVersion': 'text',
  '!kind': 'text',
  annotations: 'map',
  '!devices': { each: { '!name': 'text', annotations: 'map', '!containerEdits': { fields: edits } } },
  containerEdits: { fields: edits },
};

const label = '[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?';
const kindPattern = new RegExp(`^${label}/${label}$`);
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9])?$/;

/** Checks a parsed specification file; throws an `Error` that says what is wrong with it. As the specification wants, an unknown field is. */
export function parseCdiSpec(document: unknown): CdiSpec {
  checkFields(document, specFields, '');
  const spec = document as CdiSpec; // just checked
  if (!/^v?[01]\.\d+\.\d+$/.test(spec.cdiVersion)) throw new Error(`version ${spec.cdiVersion} is not known here`);
  if (!kindPattern.test(spec.kind)) throw new Error(`"${spec.kind}" is no kind such as "vendor.com/class"`);
  if (spec.devices.length === 0) throw new Error('it has no device');
  const names = new Set<string>();
  for (const { name, containerEdits } of spec.devices) {
    if (!namePattern.test(name)) throw new Error(`"${name}" is no name of a device`);
    if (names.has(name)) throw new Error(`it has the device "${name}" twice`);
    names.add(name);
    checkEdits(containerEdits, `device "${name}"`);
  }
  checkEdits(spec.containerEdits ?? {}, 'containerEdits');
  return spec;
}

/** Whether a text is the full name of a device: `vendor.com/class=name`. */
export function isCdiName(text: string): boolean {
  const end = text.indexOf('=');
  return end > 0 && kindPattern.test(text.slice(0, end)) && namePattern.test(text.slice(end + 1));
}

function checkEdits(edits: CdiSpec['containerEdits'] & object, at: string): void {
  for (const one of edits.env ?? []) if (one.indexOf('=') <= 0) throw new Error(`${at}: "${one}" is no variable`);
  for (const node of edits.deviceNodes ?? []) {
    if (!/^([bcup]?)$/.test(node.type ?? '')) throw new Error(`${at}: "${node.type}" is no type of a device node`);
    if (!/^([rwm]*|none)$/.test(node.permissions ?? '')) throw new Error(`${at}: "${node.permissions}" are no permissions`);
  }
  for (const hook of edits.hooks ?? []) {
    if (!cdiHookNames.includes(hook.hookName as CdiHookName)) throw new Error(`${at}: there is no hook "${hook.hookName}"`);
    if (!hook.path.startsWith('/')) throw new Error(`${at}: the hook "${hook.path}" is no absolute path`);
  }
}

function checkFields(value: unknown, fields: Fields, at: string): void {
  if (!isRecord(value)) throw new Error(`${at || 'it'} is not an object`);
  const place = (name: string) => (at === '' ? name : `${at}.${name}`);
  for (const name of Object.keys(fields)) {
    if (name.startsWith('!') && value[name.slice(1)] === undefined) throw new Error(`"${place(name.slice(1))}" is missing`);
  }
  for (const [name, member] of Object.entries(value)) {
    const kind = fields[name] ?? fields[`!${name}`];
    if (kind === undefined) throw new Error(`"${place(name)}" is not known here`);
    checkMember(member, kind, place(name));
  }
}

function checkMember(value: unknown, kind: Fields[string] & {}, at: string): void {
  if (typeof kind === 'object') {
    if ('fields' in kind) checkFields(value, kind.fields, at);
    else checkList(value, kind.each, at);
  } else if (!isOfKind(value, kind)) throw new Error(`"${at}" is not a ${kind}`);
}

function checkList(value: unknown, fields: Fields, at: string): void {
  if (!Array.isArray(value)) throw new Error(`"${at}" is not a list`);
  for (const [index, item] of value.entries()) checkFields(item, fields, `${at}[${index}]`);
}

function isOfKind(value: unknown, kind: Kind): boolean {
  const isNumber = (one: unknown) => Number.isSafeInteger(one);
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return isNumber(value);
    case 'texts':
      return isTextList(value);
    case 'numbers':
      return Array.isArray(value) && value.every(isNumber);
    case 'map':
      return isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
  }
}
