import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { cachedLogFile } from './log-file.ts';
import { labelOptions, logFields, logLabels } from './log-labels.ts';
import type { LogOptions } from './log-options.ts';
import { logServer, serverOptions } from './log-server.ts';
import { logTag } from './log-tag.ts';

/** Options of `fluentd`. */
export const fluentdOptions: readonly string[] = [
  'fluentd-address',
  'fluentd-async',
  'fluentd-async-connect',
  'fluentd-buffer-limit',
  'fluentd-retry-wait',
  'fluentd-max-retries',
  'fluentd-sub-second-precision',
  ...serverOptions,
  ...labelOptions,
];

/** The driver `fluentd`, with Docker's fields. Never synchronous: a server that is away holds nothing up. */
export function fluentdConfig(options: LogOptions, facts: LogFacts): LogConfig {
  for (const name of ['fluentd-async', 'fluentd-async-connect'])
    if (!options.flag(name, true))
      options.refuse(name, 'a log server that is away never holds a container up here: it can only be "true"');
  const retryMs = options.duration('fluentd-retry-wait', 1000);
  const maxRetries = options.text('fluentd-max-retries') && options.whole('fluentd-max-retries', { fallback: 0, min: 0 });
  const server = logServer(options, {
    facts,
    option: 'fluentd-address',
    fallback: 'tcp://127.0.0.1',
    defaultScheme: 'tcp',
    schemes: ['tcp', 'tls', 'unix'],
    delivery: {
      bufferMessages: options.size('fluentd-buffer-limit', 1 << 20),
      retryMs,
      maxRetryMs: Math.max(retryMs, 60_000),
      ...(typeof maxRetries === 'number' ? { maxRetries } : {}),
    },
  });
  return {
    driver: 'fluentd',
    ...cachedLogFile(options, facts),
    server,
    tag: logTag(options, facts),
    subSecond: options.flag('fluentd-sub-second-precision', false),
    fields: logFields({
      container_id: facts.id,
      container_name: `/${facts.name}`,
      ...Object.fromEntries(logLabels(options, facts)),
    }),
  };
}
