import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A socket of this host that receives on a port. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** Textual address; `0.0.0.0` or `::` for all. */
  readonly address: string;
  readonly port: number;
  readonly inode: number;
}

const tcpListen = '0A';
const udpUnconnected = '07';

/** Listening TCP and bound UDP sockets of the host's network namespace, IPv4 and IPv6. */
export function hostListeners(): readonly Listener[] {
  return [
    ...readTable('/proc/net/tcp', 'tcp', tcpListen),
    ...readTable('/proc/net/tcp6', 'tcp', tcpListen),
    ...readTable('/proc/net/udp', 'udp', udpUnconnected),
    ...readTable('/proc/net/udp6', 'udp', udpUnconnected),
  ];
}

/**
 * All TCP and UDP sockets of the host's network namespace, whatever their state: a connection going out has a local port too,
 * from the ephemeral range, and keeps others from listening there, also for a minute after its end.
 */
export function hostSockets(): readonly Listener[] {
  return (['tcp', 'udp'] as const).flatMap((protocol) => [
    ...readTable(`/proc/net/${protocol}`, protocol),
    ...readTable(`/proc/net/${protocol}6`, protocol),
  ]);
}

/** Process that holds a socket: a scan of all /proc/<pid>/fd, so only for conflicts. */
export function socketHolder(inode: number): { readonly pid: number; readonly process: string } | undefined {
  const wanted = `socket:[${inode}]`;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      for (const fd of readdirSync(`/proc/${entry}/fd`)) {
        if (readlinkSync(`/proc/${entry}/fd/${fd}`) !== wanted) continue;
        return { pid: Number(entry), process: readFileSync(`/proc/${entry}/comm`, 'utf8').trim() };
      }
    } catch {
      // The process or one of its files ended while we looked; it holds nothing now.
    }
  }
  return undefined;
}

function readTable(path: string, protocol: 'tcp' | 'udp', state?: string): readonly Listener[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // A host without IPv6 has no such table.
    return [];
  }
  return parseSocketTable(text, protocol, state);
}

/** Rows of a /proc/net/{tcp,udp}{,6} table that are in `state`; without one, all. */
export function parseSocketTable(text: string, protocol: 'tcp' | 'udp', state?: string): readonly Listener[] {
  const found: Listener[] = [];
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [hexAddress = '', hexPort = ''] = (fields[1] ?? '').split(':');
    if (fields.length < 10 || (state !== undefined && fields[3] !== state)) continue;
    found.push({ protocol, address: addressText(hexAddress), port: Number.parseInt(hexPort, 16), inode: Number(fields[9]) });
  }
  return found;
}

/** The kernel prints 32-bit words in host order (little endian). */
function addressText(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.swap32();
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  if (isMapped) return bytes.subarray(12).join('.');
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
