import { isIPv6 } from 'node:net';
import type { Settings } from './settings.ts';

/** Name and port as clients write them; no port where it is 443. */
export function publicAddress({ hostname, httpsPort }: Settings): string {
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  return httpsPort === 443 ? host : `${host}:${httpsPort}`;
}
