import { lookup } from 'node:dns/promises';

/**
 * `udp://name:port` and `tcp://name:port` with the address of the name, for a supervisor that resolves nothing; other texts as
 * they are. Rejects with the resolver's error.
 */
export async function resolveAddress(url: string): Promise<string> {
  const [, scheme = '', host = '', port = ''] = /^(udp|tcp):\/\/([\w.-]+)(:\d+)?$/.exec(url) ?? [];
  if (host === '' || /^[\d.]+$/.test(host) || host === 'localhost') return url;
  const { address, family } = await lookup(host);
  return `${scheme}://${family === 6 ? `[${address}]` : address}${port}`;
}
