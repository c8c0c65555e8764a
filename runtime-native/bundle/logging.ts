import type { Service } from '#core/model/project.ts';
import type { LogConfig } from '#schemas/supervisor-protocol.ts';

/** Rotation is on by default: a container must not fill the disk. */
const defaultMaxSizeBytes = 10 * 1000 * 1000;
const defaultMaxFiles = 5;

const facilities = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ');

/** The log driver that applies, or what is wrong with it. `path` is the local log file, kept for syslog too so that `logs` works. */
export function logConfig(
  logging: Service['logging'],
  facts: TagFacts & { readonly path: string; readonly helper: string },
): LogConfig | { readonly error: string; readonly key: string } {
  const driver = logging?.driver || 'json-file';
  const options = logging?.options ?? {};
  const unknown = Object.keys(options).find((key) => !(knownOptions[driver] ?? []).includes(key));
  if (knownOptions[driver] === undefined) {
    return {
      key: 'logging.driver',
      error: `the log driver "${driver}" is not built; use json-file, local, journald, syslog or none`,
    };
  }
  if (unknown !== undefined)
    return { key: `logging.options.${unknown}`, error: `the driver "${driver}" has no such option here` };
  if (driver === 'none') return { driver: 'none' };
  const maxSizeBytes = sizeBytes(options['max-size']) ?? defaultMaxSizeBytes;
  const maxFiles = Number(options['max-file'] ?? defaultMaxFiles);
  if (!(maxSizeBytes > 0)) return { key: 'logging.options.max-size', error: 'it must be a size such as 10m' };
  if (!Number.isInteger(maxFiles) || maxFiles < 1)
    return { key: 'logging.options.max-file', error: 'it must be a number above 0' };
  // Docker's `local` compresses unless told otherwise.
  const compress = options['compress'] ?? String(driver === 'local' && maxFiles > 1);
  if (!/^(true|false)$/.test(compress)) return { key: 'logging.options.compress', error: 'it must be "true" or "false"' };
  if (compress === 'true' && maxFiles === 1)
    return { key: 'logging.options.compress', error: 'with one file there is none to compress; raise max-file' };
  const file = { path: facts.path, maxSizeBytes, maxFiles, ...(compress === 'true' ? { compressor: facts.helper } : {}) };
  if (driver === 'json-file' || driver === 'local') return { driver: 'json-file', ...file };
  const tag = expandTag(options['tag'] ?? '{{.ID}}', facts);
  if (tag === undefined)
    return { key: 'logging.options.tag', error: `only the fields ${Object.keys(tagFields).join(', ')} are known: {{.Name}}` };
  if (driver === 'journald') return { driver, ...file, address: journalSocket, fields: journalFields(tag, facts) };
  const facility = facilityNumber(options['syslog-facility'] ?? 'daemon');
  if (facility === undefined)
    return { key: 'logging.options.syslog-facility', error: `it must be one of ${facilities.join(', ')}, local0 … local7` };
  const format = options['syslog-format'] ?? 'unix';
  if (!isFormat(format)) return { key: 'logging.options.syslog-format', error: 'it must be rfc3164, rfc5424 or rfc5424micro' };
  const address = options['syslog-address'] ?? 'unixgram:///dev/log';
  const wrong = refusedAddress(address);
  if (wrong !== undefined) return { key: 'logging.options.syslog-address', error: wrong };
  return { driver: 'syslog', ...file, address, facility, tag, format };
}

/** Where systemd's journal takes entries. */
export const journalSocket = '/run/systemd/journal/socket';

/** Docker's fields, so that `journalctl CONTAINER_NAME=…` finds the same. */
function journalFields(tag: string, facts: TagFacts): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries({
    CONTAINER_ID: facts.id.slice(0, 12),
    CONTAINER_ID_FULL: facts.id,
    CONTAINER_NAME: facts.name,
    CONTAINER_TAG: tag,
    IMAGE_NAME: facts.imageName,
    SYSLOG_IDENTIFIER: tag,
  }).map(([name, value]) => ({ name, value }));
}

const knownOptions: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['compress', 'max-size', 'max-file'],
  local: ['compress', 'max-size', 'max-file'],
  none: [],
  journald: ['tag', 'compress', 'max-size', 'max-file'],
  syslog: ['syslog-address', 'syslog-facility', 'syslog-format', 'tag', 'compress', 'max-size', 'max-file'],
};

function sizeBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (amount === undefined) return Number.NaN;
  // Decimal, as Docker reads these two options.
  return Math.floor(Number(amount) * 1000 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '));
}

function facilityNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) < 24 ? Number(text) : undefined;
  const local = /^local([0-7])$/.exec(text);
  if (local !== null) return 16 + Number(local[1]);
  const index = facilities.indexOf(text);
  return index === -1 ? undefined : index;
}

function isFormat(text: string): text is 'rfc3164' | 'rfc5424' | 'rfc5424micro' | 'unix' {
  return ['rfc3164', 'rfc5424', 'rfc5424micro', 'unix'].includes(text);
}

/** What a tag may speak of. */
export interface TagFacts {
  readonly name: string;
  readonly id: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly argv: readonly string[];
}

const tagFields: Readonly<Record<string, (facts: TagFacts) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  FullName: ({ name }) => `/${name}`,
  ImageID: ({ imageId }) => imageId.replace(/^sha256:/, '').slice(0, 12),
  ImageFullID: ({ imageId }) => imageId,
  ImageName: ({ imageName }) => imageName,
  Command: ({ argv }) => argv.join(' '),
  DaemonName: () => 'tscompose',
};

const tagField = /\{\{\s*\.(\w+)\s*\}\}/g;

/** Docker's tag templates, the fields only; undefined when the template has more than we know. */
function expandTag(template: string, facts: TagFacts): string | undefined {
  const isKnown = [...template.matchAll(tagField)].every(([, field = '']) => Object.hasOwn(tagFields, field));
  if (!isKnown || /\{\{|\}\}/.test(template.replaceAll(tagField, ''))) return undefined;
  return template.replaceAll(tagField, (_text, field: string) => tagFields[field]?.(facts) ?? '');
}

/** What is wrong with a syslog address, in words. */
function refusedAddress(address: string): string | undefined {
  if (address.startsWith('tcp+tls://'))
    return 'there is no TLS here; send to a relay on this machine (rsyslog, syslog-ng) that forwards with TLS';
  if (/^unix(gram)?:\/\/\/.{1,100}$/.test(address)) return undefined;
  if (/^(udp|tcp):\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(address)) return undefined;
  return 'it must be udp://host:port, tcp://host:port, unix:///path or unixgram:///path';
}
