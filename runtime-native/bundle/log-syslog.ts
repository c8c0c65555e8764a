import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { cachedLogFile } from './log-file.ts';
import type { LogOptions } from './log-options.ts';
import { logServer, serverOptions } from './log-server.ts';
import { logTag } from './log-tag.ts';

/** Options of `syslog`. */
export const syslogOptions: readonly string[] = [
  'syslog-address',
  'syslog-facility',
  'syslog-format',
  'syslog-tls-ca-cert',
  'syslog-tls-cert',
  'syslog-tls-key',
  'syslog-tls-skip-verify',
  ...serverOptions,
];

const facilities = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp'.split(' ');

/** The driver `syslog`. */
export function syslogConfig(options: LogOptions, facts: LogFacts): LogConfig {
  const facility = facilityNumber(options.text('syslog-facility') ?? 'daemon');
  if (facility === undefined) options.refuse('syslog-facility', `it must be one of ${facilities.join(', ')}, local0 … local7`);
  const format = options.text('syslog-format') || 'unix';
  if (!isFormat(format)) options.refuse('syslog-format', 'it must be rfc3164, rfc5424 or rfc5424micro');
  const [caFile, certFile, keyFile] = (['ca-cert', 'cert', 'key'] as const).map(
    (one) => options.text(`syslog-tls-${one}`) || undefined,
  );
  if ((certFile === undefined) !== (keyFile === undefined))
    options.refuse('syslog-tls-cert', 'certificate and key belong together: give syslog-tls-cert and syslog-tls-key');
  const server = logServer(options, {
    facts,
    option: 'syslog-address',
    fallback: 'unixgram:///dev/log',
    schemes: ['udp', 'tcp', 'tcp+tls', 'unix', 'unixgram'],
    tls: {
      ...(caFile === undefined ? {} : { caFile }),
      ...(certFile === undefined ? {} : { certFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
      verify: !options.flag('syslog-tls-skip-verify', false),
    },
  });
  if (server.tls === undefined)
    for (const name of ['ca-cert', 'cert', 'key', 'skip-verify'].map((one) => `syslog-tls-${one}`))
      if (options.text(name)) options.refuse(name, 'it has no effect without an address tcp+tls://host:port');
  return {
    driver: 'syslog',
    ...cachedLogFile(options, facts),
    server,
    facility: facility ?? 0,
    tag: logTag(options, facts),
    format: isFormat(format) ? format : 'unix',
  };
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
