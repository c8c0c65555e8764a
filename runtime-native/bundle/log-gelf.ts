import type { LogConfig } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import { cachedLogFile } from './log-file.ts';
import { labelOptions, logLabels } from './log-labels.ts';
import type { LogOptions } from './log-options.ts';
import { logServer, serverOptions } from './log-server.ts';
import { logTag } from './log-tag.ts';

/** Options of `gelf`. */
export const gelfOptions: readonly string[] = [
  'gelf-address',
  'gelf-compression-type',
  'gelf-compression-level',
  'gelf-tcp-max-reconnect',
  'gelf-tcp-reconnect-delay',
  ...serverOptions,
  ...labelOptions,
];

/** The driver `gelf`, with Docker's additional fields. */
export function gelfConfig(options: LogOptions, facts: LogFacts): LogConfig {
  const compression = options.text('gelf-compression-type') ?? 'none';
  if (compression !== 'none')
    options.refuse(
      'gelf-compression-type',
      'messages are sent as they are, which every GELF server reads; it can only be "none"',
    );
  if (options.text('gelf-compression-level') !== undefined)
    options.refuse('gelf-compression-level', 'messages are not compressed; leave it out');
  if (!options.text('gelf-address')) options.refuse('gelf-address', 'the driver needs it: udp://host:port or tcp://host:port');
  const delayMs = options.whole('gelf-tcp-reconnect-delay', { fallback: 1, min: 1 }) * 1000;
  const maxRetries = options.text('gelf-tcp-max-reconnect') && options.whole('gelf-tcp-max-reconnect', { fallback: 3, min: 0 });
  const server = logServer(options, {
    facts,
    option: 'gelf-address',
    fallback: 'udp://127.0.0.1',
    schemes: ['udp', 'tcp'],
    delivery: { retryMs: delayMs, maxRetryMs: delayMs, ...(typeof maxRetries === 'number' ? { maxRetries } : {}) },
  });
  const isDatagram = server.address.startsWith('udp');
  for (const name of ['gelf-tcp-max-reconnect', 'gelf-tcp-reconnect-delay'])
    if (isDatagram && options.text(name) !== undefined)
      options.refuse(name, 'it has no effect without an address tcp://host:port');
  const extra = {
    _container_id: facts.id,
    _container_name: facts.name,
    _image_id: facts.imageId,
    _image_name: facts.imageName,
    _command: facts.argv.join(' '),
    _tag: logTag(options, facts),
    _created: facts.createdAt,
    ...Object.fromEntries(logLabels(options, facts).map(([name, value]) => [name.startsWith('_') ? name : `_${name}`, value])),
  };
  return { driver: 'gelf', ...cachedLogFile(options, facts), server, extra: JSON.stringify(extra) };
}
