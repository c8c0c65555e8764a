import type { SupervisorSpec } from '#schemas/supervisor-protocol.ts';
import type { EngineContext } from '../engine-context.ts';
import { dnsNames, endpointConfigs, endpointSysctls } from '../network/endpoints.ts';
import { chainName } from '../network/firewall-ports.ts';
import { portOwner } from '../network/port-owner.ts';
import { proxiesOf } from '../network/published-ports.ts';
import type { Claim } from './claim.ts';
import type { ContainerRow } from './container-rows.ts';
import { externalAliases } from './external-links.ts';
import { dnsUpstreams } from './network-files.ts';

/** The network parts of a supervisor's specification. */
export function planNetwork(
  context: EngineContext,
  row: ContainerRow,
  { claim, joinPid }: { readonly claim: Claim; readonly joinPid: number | undefined },
): Pick<SupervisorSpec, 'network' | 'dns' | 'names' | 'ports' | 'firewall'> {
  const { service } = row.stored.spec;
  const facts = context.facts();
  if (joinPid !== undefined) return { network: { mode: 'join', joinPid, endpoints: [], sysctls: [] }, names: [], ports: [] };
  if (service.network_mode === 'host') return { network: { mode: 'host', endpoints: [], sysctls: [] }, names: [], ports: [] };
  const { endpoints, ports } = claim;
  const { project, service: name } = row;
  const owner = portOwner({ instance: context.names.nftTable, project, service: name, ...(row.oneOff ? { id: row.id } : {}) });
  const table = (networkId: string) => context.paths.networkRun(networkId);
  return {
    network: {
      mode: 'private',
      endpoints: endpointConfigs(endpoints, { hairpin: facts.hairpin }),
      sysctls: Object.entries({ ...unprivilegedNetwork, ...endpointSysctls(endpoints), ...netSysctls(service.sysctls) }).map(
        ([key, value]) => ({ key, value }),
      ),
    },
    ...(endpoints.length === 0
      ? {}
      : {
          dns: {
            tables: endpoints.map((one) => table(one.network.id)),
            upstreams: dnsUpstreams(row.stored, claim, facts.resolver),
            ipv6: endpoints.some((one) => one.ipv6 !== undefined),
            ...externalAliases(service),
          },
        }),
    names: dnsNames(endpoints, { container: row.name, table }),
    ports: ports.flatMap((one) => proxiesOf(one, { hostHasIpv6: facts.hasIpv6, owner })),
    ...(ports.length === 0 ? {} : { firewall: firewallPart(context, row, claim) }),
  };
}

function firewallPart(
  context: EngineContext,
  row: ContainerRow,
  { endpoints, ports }: Claim,
): NonNullable<SupervisorSpec['firewall']> {
  return {
    table: context.names.nftTable,
    chain: chainName(row.id),
    addresses: endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((one) => (one === undefined ? [] : [one.address]))),
    udpPorts: ports.filter((one) => one.protocol === 'udp').map(({ hostPort }) => ({ hostPort })),
  };
}

/** As Docker: in its own namespace a container may ping and listen below 1024 without capabilities. */
const unprivilegedNetwork: Readonly<Record<string, string>> = {
  'net.ipv4.ping_group_range': '0 2147483647',
  'net.ipv4.ip_unprivileged_port_start': '0',
};

function netSysctls(sysctls: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sysctls ?? {}).filter(([key]) => key.startsWith('net.')));
}
