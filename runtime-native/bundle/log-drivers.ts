import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { localLogFile } from './log-file.ts';
import { fluentdConfig, fluentdOptions } from './log-fluentd.ts';
import { gelfConfig, gelfOptions } from './log-gelf.ts';
import { journaldConfig, journaldOptions } from './log-journald.ts';
import { labelOptions } from './log-labels.ts';
import type { LogOptions } from './log-options.ts';
import { syslogConfig, syslogOptions } from './log-syslog.ts';

interface LogDriver {
  readonly options: readonly string[];
  readonly config: (options: LogOptions, facts: LogFacts) => LogConfig;
}

const fileOptions = ['compress', 'max-size', 'max-file', 'mode'];

/** The log drivers that are built, with the options of each. */
export const logDrivers: Readonly<Record<string, LogDriver>> = {
  'json-file': {
    options: [...fileOptions, 'tag', ...labelOptions],
    config: (options, facts) => fileConfig(options, { driver: 'json-file', facts }),
  },
  local: { options: fileOptions, config: (options, facts) => fileConfig(options, { driver: 'local', facts }) },
  none: { options: [], config: () => ({ driver: 'none' }) },
  journald: { options: journaldOptions, config: journaldConfig },
  syslog: { options: syslogOptions, config: syslogConfig },
  gelf: { options: gelfOptions, config: gelfConfig },
  fluentd: { options: fluentdOptions, config: fluentdConfig },
};

function fileConfig(options: LogOptions, request: { driver: string; facts: LogFacts }): LogConfig {
  if ((options.text('mode') ?? 'blocking') !== 'blocking')
    options.refuse('mode', 'a local file takes every line at once: it can only be "blocking"');
  return { driver: 'json-file', file: localLogFile(options, request) };
}
