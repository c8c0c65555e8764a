import type { EndpointSpec } from '#core/engine/specs.ts';
import type { EndpointConfig, SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import { parseAddress } from './ip-address.ts';
import type { Lease } from './leases.ts';
import { macvlanMode } from './macvlan.ts';
import type { StoredNetwork } from './stored-network.ts';

/** One endpoint of a container with all that was leased for it. */
export interface LeasedEndpoint {
  readonly spec: EndpointSpec;
  readonly network: StoredNetwork;
  readonly ipv4?: Lease;
  readonly ipv6?: Lease;
}

/** Interfaces of a container as the supervisor makes them, in order; the default route goes by priority, then by name. */
export function endpointConfigs(
  endpoints: readonly LeasedEndpoint[],
  facts: { readonly hairpin: boolean },
): readonly EndpointConfig[] {
  const gateway4 = gatewayEndpoint(endpoints.filter((one) => one.ipv4 !== undefined));
  const gateway6 = gatewayEndpoint(endpoints.filter((one) => one.ipv6 !== undefined));
  return endpoints.map((one, index): EndpointConfig => {
    const { ipv4, ipv6, spec, network } = one;
    return {
      bridge: network.bridge,
      interfaceName: interfaceNameOf(one, index),
      mac: macOf(one),
      ...(ipv4 === undefined ? {} : { ipv4: `${ipv4.address}/${ipv4.length}` }),
      ...(ipv6 === undefined ? {} : { ipv6: `${ipv6.address}/${ipv6.length}` }),
      ...(ipv4 !== undefined && one === gateway4 ? { gateway4: ipv4.gateway } : {}),
      ...(ipv6 !== undefined && one === gateway6 ? { gateway6: ipv6.gateway } : {}),
      mtu: network.spec.mtu,
      hairpin: facts.hairpin,
      ...(network.spec.driverOpts['com.docker.network.bridge.enable_icc'] === 'false' ? { isolated: true } : {}),
      ...(spec.linkLocalAddresses?.length ? { extraAddresses: spec.linkLocalAddresses.map(linkLocalCidr) } : {}),
      ...(network.spec.driver === 'macvlan' ? { macvlanMode: macvlanMode(network.spec) } : {}),
    };
  });
}

const sysctlOption = 'com.docker.network.endpoint.sysctls';

/** Settings below /proc/sys that endpoints ask for (`net.ipv4.conf.IFNAME.log_martians=1,…`), with the real link's name. */
export function endpointSysctls(endpoints: readonly LeasedEndpoint[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    endpoints.flatMap((one, index) =>
      parseSysctls(one.spec.driverOpts?.[sysctlOption] ?? '').map(({ key, value }) => [
        // A link's name may hold dots: with slashes they are no separators.
        key.replaceAll('.', '/').replace('IFNAME', interfaceNameOf(one, index)),
        value,
      ]),
    ),
  );
}

/** Why the driver option of an endpoint cannot be honoured; undefined when it can. */
export function refusedEndpointOption(option: string, value: string): string | undefined {
  if (option === 'com.docker.network.endpoint.ifname') return undefined;
  if (option !== sysctlOption) return `"${option}" is not known`;
  const wrong = parseSysctls(value).find(({ key }) => !/^net\.(ipv4|ipv6|mpls)\.\w+\.IFNAME\.\w+$/.test(key));
  return wrong && `"${wrong.key}" is not a setting of the link, such as "net.ipv4.conf.IFNAME.log_martians=1"`;
}

function parseSysctls(text: string): readonly { readonly key: string; readonly value: string }[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => {
      const end = one.indexOf('=');
      return end < 0 ? { key: one, value: '' } : { key: one.slice(0, end).trim(), value: one.slice(end + 1).trim() };
    });
}

function interfaceNameOf({ spec, network }: LeasedEndpoint, index: number): string {
  const prefix = network.spec.driverOpts['com.docker.network.container_iface_prefix'] ?? 'eth';
  return spec.interfaceName ?? spec.driverOpts?.['com.docker.network.endpoint.ifname'] ?? `${prefix}${index}`;
}

function linkLocalCidr(address: string): string {
  return address.includes('/') ? address : `${address}/${address.includes(':') ? 64 : 16}`;
}

/** The endpoint that reaches the outside, and whose addresses published ports lead to; internal networks have none. */
export function gatewayEndpoint(endpoints: readonly LeasedEndpoint[]): LeasedEndpoint | undefined {
  const outward = endpoints.filter((one) => !one.network.spec.internal);
  return outward.toSorted(
    (a, b) => (b.spec.gatewayPriority ?? 0) - (a.spec.gatewayPriority ?? 0) || (a.network.name < b.network.name ? -1 : 1),
  )[0];
}

/** Written, or made of the IPv4 address as Docker does, so that an address always has the same hardware address. */
export function macOf(endpoint: LeasedEndpoint): string {
  if (endpoint.spec.macAddress !== undefined) return endpoint.spec.macAddress.replaceAll('-', ':').toLowerCase();
  return hardwareAddress(endpoint.ipv4?.address ?? endpoint.ipv6?.address ?? '');
}

/** The hardware address that an IP address of a network always has: 02:42 and its last four bytes. */
export function hardwareAddress(address: string): string {
  const last = Number((parseAddress(address)?.value ?? 0n) & 0xffffffffn);
  return [0x02, 0x42, (last >>> 24) & 255, (last >>> 16) & 255, (last >>> 8) & 255, last & 255]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}

/** What a container contributes to the DNS tables of its networks while it runs. */
export function dnsNames(
  endpoints: readonly LeasedEndpoint[],
  request: { readonly container: string; readonly table: (networkId: string) => string },
): SupervisorSpec['names'] {
  return endpoints.map(({ spec, network, ipv4, ipv6 }) => ({
    table: request.table(network.id),
    addresses: [ipv4, ipv6].flatMap((one) => (one === undefined ? [] : [one.address])),
    names: [...new Set(spec.aliases.map((name) => name.toLowerCase()))],
    canonical: `${request.container}.${network.name}`.toLowerCase(),
  }));
}
