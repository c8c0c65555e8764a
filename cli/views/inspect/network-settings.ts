import type { ContainerDetails, NetworkDetails } from '#core/engine/details.ts';

/** `.NetworkSettings` of `docker inspect`. */
export function networkSettings({ container, networks }: ContainerDetails): object {
  const entries = networks.map((one) => [one.name, endpointOf(one, container.id)] as const);
  return {
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: portsOf(container.ports),
    SandboxKey: container.pid === undefined ? '' : `/proc/${container.pid}/ns/net`,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: '',
    // As Docker: these are of the network "bridge" alone.
    Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    MacAddress: '',
    Networks: Object.fromEntries(entries),
  };
}

function endpointOf({ name, id, aliases, mac, ipv4, ipv6 }: NetworkDetails, container: string): object {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: aliases,
    MacAddress: mac ?? '',
    NetworkID: id,
    EndpointID: ipv4 === undefined && ipv6 === undefined ? '' : `${container.slice(0, 32)}${name}`.slice(0, 64),
    Gateway: ipv4?.gateway ?? '',
    IPAddress: ipv4?.address ?? '',
    IPPrefixLen: ipv4?.prefixLength ?? 0,
    IPv6Gateway: ipv6?.gateway ?? '',
    GlobalIPv6Address: ipv6?.address ?? '',
    GlobalIPv6PrefixLen: ipv6?.prefixLength ?? 0,
    DriverOpts: null,
    DNSNames: [...new Set([...aliases, container.slice(0, 12)])],
  };
}

/** `80/tcp` → where the host has it; null: exposed only. */
function portsOf(ports: ContainerDetails['container']['ports']): Record<string, readonly object[] | null> {
  const groups = Map.groupBy(ports, (one) => `${one.containerPort}/${one.protocol}`);
  return Object.fromEntries(
    [...groups].map(([key, list]) => {
      const bound = list.filter((one) => one.hostPort !== undefined);
      return [key, bound.length === 0 ? null : bound.map(bindingOf)] as const;
    }),
  );
}

function bindingOf({ hostIp, hostPort }: { readonly hostIp: string; readonly hostPort?: number }): object {
  return { HostIp: hostIp === '' ? '0.0.0.0' : hostIp, HostPort: String(hostPort) };
}
