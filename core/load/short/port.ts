import { isIP } from 'node:net';

export interface ShortPort {
  readonly hostIp: string;
  readonly target: number;
  readonly published: string;
  readonly protocol: string;
}

/** Parses `[[ip:]host:]container[/protocol]`; equal ranges become one port each, in the reference's order (by text). */
export function parsePort(spec: string): readonly ShortPort[] | { readonly problem: string } {
  const { ip, hostPort, containerPort, protocol: written } = splitPort(spec);
  const protocol = written === '' ? 'tcp' : written;
  const isBracketed = ip.startsWith('[') && ip.endsWith(']');
  const address = isBracketed ? ip.slice(1, -1) : ip;
  if (address !== '' && (isBracketed ? isIP(address) === 0 : isIP(address) !== 4))
    return { problem: `Invalid ip address: ${ip}` };
  if (containerPort === '') return { problem: `No port specified: ${spec}<empty>` };
  const container = portRange(containerPort);
  if (container === undefined) return { problem: `Invalid containerPort: ${containerPort}` };
  const host = hostPort === '' ? undefined : portRange(hostPort);
  if (hostPort !== '' && host === undefined) return { problem: `Invalid hostPort: ${hostPort}` };
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) return { problem: `Invalid proto: ${protocol}` };
  const hasRange = container.end > container.start;
  if (host !== undefined && host.end - host.start !== container.end - container.start && hasRange) {
    return { problem: `Invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}` };
  }
  const ports: ShortPort[] = [];
  for (let offset = 0; offset <= container.end - container.start; offset++) {
    const target = container.start + offset;
    const spread = host !== undefined && host.end > host.start && !hasRange ? `${host.start}-${host.end}` : undefined;
    const published = spread ?? (host === undefined ? '' : String(host.start + offset));
    ports.push({ hostIp: address, target, published, protocol: protocol.toLowerCase() });
  }
  return ports.sort((a, b) => compareText(`${a.target}/${a.protocol}`, `${b.target}/${b.protocol}`));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function splitPort(spec: string): { ip: string; hostPort: string; containerPort: string; protocol: string } {
  const slash = spec.indexOf('/');
  const rest = slash === -1 ? spec : spec.slice(0, slash);
  const protocol = slash === -1 ? '' : (spec.slice(slash + 1).split('/')[0] ?? '');
  const parts = rest.split(':');
  const containerPort = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  return { ip: parts.join(':'), hostPort, containerPort, protocol };
}

function portRange(text: string): { start: number; end: number } | undefined {
  const [first = '', last = first] = text.split('-');
  const [start, end] = [portNumber(first), portNumber(last)];
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

function portNumber(text: string): number | undefined {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return value <= 65535 ? value : undefined;
}
