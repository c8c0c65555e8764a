import type { PublishedPort } from '#core/observe/observed.ts';

/**
 * The PORTS column: `0.0.0.0:8000-8001->8000-8001/tcp, 443/tcp`. Neighbouring ports whose host port equals the container
 * port (or that are only exposed) are written as a range, as in Docker's `ps`.
 */
export function portsText(ports: readonly PublishedPort[]): string {
  const sorted = [...ports].sort(
    (a, b) => a.containerPort - b.containerPort || compare(a.hostIp, b.hostIp) || compare(a.protocol, b.protocol),
  );
  const ranges = new Map<string, Range>();
  const texts: string[] = [];
  for (const port of sorted) {
    if (port.hostPort !== undefined && port.hostPort !== port.containerPort) {
      texts.push(`${address(port.hostIp)}:${port.hostPort}->${port.containerPort}/${port.protocol}`);
      continue;
    }
    const key = `${port.hostPort === undefined ? '' : address(port.hostIp)} ${port.protocol}`;
    const range = ranges.get(key);
    if (range !== undefined && port.containerPort === range.last + 1) {
      range.last = port.containerPort;
    } else {
      if (range !== undefined) texts.push(rangeText(range));
      ranges.set(key, { port, first: port.containerPort, last: port.containerPort });
    }
  }
  for (const range of ranges.values()) texts.push(rangeText(range));
  return texts.sort((a, b) => targetOf(a) - targetOf(b)).join(', ');
}

interface Range {
  readonly port: PublishedPort;
  readonly first: number;
  last: number;
}

function rangeText({ port, first, last }: Range): string {
  const numbers = first === last ? `${first}` : `${first}-${last}`;
  return port.hostPort === undefined
    ? `${numbers}/${port.protocol}`
    : `${address(port.hostIp)}:${numbers}->${numbers}/${port.protocol}`;
}

/** Empty means every address; IPv6 in brackets. */
export function address(hostIp: string): string {
  if (hostIp === '') return '0.0.0.0';
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp;
}

function targetOf(text: string): number {
  return Number.parseInt(text.slice(text.indexOf('->') === -1 ? 0 : text.indexOf('->') + 2), 10);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
