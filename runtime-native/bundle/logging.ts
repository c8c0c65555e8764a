import type { Service } from '#core/model/project.ts';
import type { LogConfig } from '#schemas/supervisor-protocol.ts';

/** Rotation is on by default: a container must not fill the disk. */
const defaultMaxSizeBytes = 20 * 1024 * 1024;
const defaultMaxFiles = 5;

const facilities = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ');

/** The log driver that applies, or what is wrong with it. `path` is the local log file, kept for syslog too so that `logs` works. */
export function logConfig(
  logging: Service['logging'],
  facts: { readonly path: string; readonly name: string; readonly id: string },
): LogConfig | { readonly error: string; readonly key: string } {
  const driver = logging?.driver || 'json-file';
  const options = logging?.options ?? {};
  const unknown = Object.keys(options).find((key) => !(knownOptions[driver] ?? []).includes(key));
  if (knownOptions[driver] === undefined) {
    return { key: 'logging.driver', error: `the log driver "${driver}" is not built; use json-file, local, syslog or none` };
  }
  if (unknown !== undefined)
    return { key: `logging.options.${unknown}`, error: `the driver "${driver}" has no such option here` };
  if (driver === 'none') return { driver: 'none' };
  const maxSizeBytes = sizeBytes(options['max-size']) ?? defaultMaxSizeBytes;
  const maxFiles = Number(options['max-file'] ?? defaultMaxFiles);
  if (!(maxSizeBytes > 0)) return { key: 'logging.options.max-size', error: 'it must be a size such as 10m' };
  if (!Number.isInteger(maxFiles) || maxFiles < 1)
    return { key: 'logging.options.max-file', error: 'it must be a number above 0' };
  const file = { path: facts.path, maxSizeBytes, maxFiles };
  if (driver !== 'syslog') return { driver: 'json-file', ...file };
  const facility = facilityNumber(options['syslog-facility'] ?? 'daemon');
  if (facility === undefined)
    return { key: 'logging.options.syslog-facility', error: `it must be one of ${facilities.join(', ')}, local0 … local7` };
  const format = options['syslog-format'] ?? 'unix';
  if (!isFormat(format)) return { key: 'logging.options.syslog-format', error: 'it must be rfc3164, rfc5424 or rfc5424micro' };
  return {
    driver: 'syslog',
    ...file,
    address: options['syslog-address'] ?? 'unixgram:///dev/log',
    facility,
    tag: expandTag(options['tag'] ?? '{{.ID}}', facts),
    format,
  };
}

const knownOptions: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-size', 'max-file'],
  local: ['max-size', 'max-file'],
  none: [],
  syslog: ['syslog-address', 'syslog-facility', 'syslog-format', 'tag', 'max-size', 'max-file'],
};

function sizeBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (amount === undefined) return Number.NaN;
  return Math.floor(Number(amount) * 1024 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '));
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

function expandTag(template: string, facts: { readonly name: string; readonly id: string }): string {
  return template
    .replaceAll('{{.ID}}', facts.id.slice(0, 12))
    .replaceAll('{{.FullID}}', facts.id)
    .replaceAll('{{.Name}}', facts.name);
}
