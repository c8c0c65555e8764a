import { runProgram } from '../host/run-program.ts';
import { parseSubnet, type Subnet } from './ip-address.ts';

/** An address range with what uses it, in words. */
export interface TakenSubnet extends Subnet {
  readonly by: string;
}

export interface HostRoutes {
  /** Prefixes that the host reaches somewhere, all tables; halves of the whole space (VPN default routes) are left out. */
  readonly prefixes: readonly TakenSubnet[];
  /** MTU of the default route's device. */
  readonly mtu: number;
}

const defaultMtu = 1500;

/** Reads the host's routes (one `ip` call). */
export async function readHostRoutes(): Promise<HostRoutes> {
  const [ipv4, ipv6, links] = (
    await Promise.all([
      runProgram({ argv: ['ip', '-j', '-4', 'route', 'show', 'table', 'all'] }),
      runProgram({ argv: ['ip', '-j', '-6', 'route', 'show', 'table', 'all'] }),
      runProgram({ argv: ['ip', '-j', 'link', 'show'] }),
    ])
  ).map((text) => (text.trim() === '' ? [] : JSON.parse(text)));
  return hostRoutes({ ipv4, ipv6, links });
}

interface RouteRow {
  readonly dst?: string;
  readonly dev?: string;
  readonly type?: string;
  readonly metrics?: readonly { readonly mtu?: number }[];
}

/** Pure part of `readHostRoutes`, over the JSON of iproute2. */
export function hostRoutes(json: {
  readonly ipv4: readonly RouteRow[];
  readonly ipv6: readonly RouteRow[];
  readonly links: readonly { readonly ifname?: string; readonly mtu?: number }[];
}): HostRoutes {
  const prefixes = [...prefixesOf(json.ipv4, 32), ...prefixesOf(json.ipv6, 128)];
  const route = json.ipv4.find((one) => one.dst === 'default');
  const device = json.links.find((one) => one.ifname === route?.dev);
  return { prefixes, mtu: route?.metrics?.[0]?.mtu ?? device?.mtu ?? defaultMtu };
}

function prefixesOf(rows: readonly RouteRow[], hostLength: number): readonly TakenSubnet[] {
  return rows.flatMap(({ dst = 'default', dev }) => {
    if (dst === 'default') return [];
    const subnet = parseSubnet(dst.includes('/') ? dst : `${dst}/${hostLength}`);
    return subnet === undefined || subnet.length <= 1
      ? []
      : [{ ...subnet, by: `route ${dst}${dev === undefined ? '' : ` of link "${dev}"`}` }];
  });
}
