import type { LogServer } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import type { LogOptions } from './log-options.ts';

/** Waits of a server that is away: bounded, so that the supervisor stays small. */
const defaultBufferBytes = 1 << 20;

/** Options that each log server's driver has beside its own. */
export const serverOptions = [
  'tag',
  'mode',
  'max-buffer-size',
  'cache-disabled',
  'cache-max-size',
  'cache-max-file',
  'cache-compress',
  'compress',
  'max-size',
  'max-file',
] as const;

interface ServerRequest {
  readonly facts: LogFacts;
  /** Option that has the address, and what it is without. */
  readonly option: string;
  readonly fallback: string;
  /** What an address without a scheme has. */
  readonly defaultScheme?: string;
  /** Forms that the driver takes. */
  readonly schemes: readonly string[];
  readonly delivery?: Partial<LogServer['delivery']>;
  readonly tls?: Omit<NonNullable<LogServer['tls']>, 'relay' | 'serverName'>;
}

/** Address and delivery of a log server. A scheme that ends in `tls` becomes TCP with TLS. */
export function logServer(options: LogOptions, request: ServerRequest): LogServer {
  const written = options.text(request.option) || request.fallback;
  const address = written.includes('://') || !request.defaultScheme ? written : `${request.defaultScheme}://${written}`;
  const [, scheme = '', host = ''] = /^([a-z+]+):\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(address) ?? [];
  const isSocket = /^unix(gram)?:\/\/\/.{1,100}$/.test(address);
  if (!request.schemes.includes(isSocket ? address.replace(/:.*/s, '') : scheme)) {
    const forms = request.schemes.map((one) => (one.startsWith('unix') ? `${one}:///path` : `${one}://host:port`));
    options.refuse(request.option, `it must be ${forms.join(' or ')}`);
  }
  const mode = options.text('mode') ?? 'non-blocking';
  if (mode !== 'non-blocking')
    options.refuse('mode', 'a log server never holds a container up here: it can only be "non-blocking"');
  if (/^(udp|unixgram):/.test(address) && options.text('max-buffer-size') !== undefined)
    options.refuse('max-buffer-size', 'datagrams do not wait: it has no effect with this address');
  const tls = { relay: request.facts.relay, serverName: host.replace(/^\[|\]$/g, ''), ...(request.tls ?? { verify: true }) };
  return {
    address: address.replace(/^(tcp\+)?tls:/, 'tcp:'),
    ...(scheme.endsWith('tls') ? { tls } : {}),
    delivery: {
      bufferBytes: options.size('max-buffer-size', defaultBufferBytes),
      retryMs: 250,
      maxRetryMs: 5000,
      ...request.delivery,
    },
  };
}
