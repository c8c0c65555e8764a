import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { NetworkSpec } from '#core/engine/specs.ts';
import type { TakenSubnet } from './host-routes.ts';
import { contains, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet, type Subnet } from './ip-address.ts';
import { chooseSubnet, chooseSubnet6, poolAreas } from './subnet-pool.ts';

/**
 * Subnets of a new network with their gateways: the written ones, checked, and chosen ones for a wanted family without.
 * `taken`: what routes and other networks use.
 */
export function planSubnets(request: {
  readonly spec: NetworkSpec;
  readonly taken: readonly TakenSubnet[];
  /** See `chooseSubnet`. */
  readonly start?: number;
}): readonly { readonly cidr: string; readonly gateway: string }[] {
  const { spec, taken } = request;
  const written = spec.pools.filter((pool) => pool.subnet !== undefined).map((pool) => writtenSubnet(pool, request));
  const chosen: { cidr: string; gateway: string }[] = [];
  // A pool without a subnet may still name a gateway or a range; they must lie in what we choose, which we cannot promise.
  if (spec.enableIpv4 && !written.some((one) => !one.cidr.includes(':'))) {
    const subnet = chooseSubnet(taken, request.start);
    if (subnet === undefined)
      throw new TscomposeError(diagnose('engine.no-free-subnet', { network: spec.name, takenBy: biggest(taken) }));
    chosen.push(withGateway(subnet));
  }
  if (spec.enableIpv6 && !written.some((one) => one.cidr.includes(':'))) chosen.push(withGateway(chooseSubnet6(taken)));
  return [...chosen, ...written];
}

function writtenSubnet(
  pool: NetworkSpec['pools'][number],
  { spec, taken }: { readonly spec: NetworkSpec; readonly taken: readonly TakenSubnet[] },
): { cidr: string; gateway: string } {
  const text = pool.subnet ?? '';
  const refuse = (reason: string): TscomposeError =>
    new TscomposeError(diagnose('engine.subnet-invalid', { network: spec.name, subnet: text, reason }));
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw refuse('is not an address range');
  if (subnet.length > (subnet.family === 4 ? 30 : 126)) throw refuse('is too small for a gateway and a container');
  // A macvlan network is the network that its parent link is in.
  const clash =
    spec.driver === 'macvlan' ? undefined : taken.find((one) => one.family === subnet.family && overlaps(one, subnet));
  if (clash !== undefined) throw refuse(`overlaps ${formatSubnet(clash)}: ${clash.by}`);
  if (pool.gateway === undefined) return withGateway(subnet);
  const gateway = parseAddress(pool.gateway);
  if (gateway === undefined || !contains(subnet, gateway)) throw refuse(`does not hold its gateway "${pool.gateway}"`);
  return { cidr: formatSubnet(subnet), gateway: formatAddress(gateway) };
}

/** What uses most of the private space, largest first. */
function biggest(taken: readonly TakenSubnet[]): readonly string[] {
  const ranges = taken.filter((one) => one.family === 4 && poolAreas.some((area) => overlapsText(area, one)));
  return [...new Set(ranges.toSorted((a, b) => a.length - b.length).map((one) => one.by))].slice(0, shownRanges);
}

const shownRanges = 5;

function overlapsText(area: string, other: Subnet): boolean {
  const subnet = parseSubnet(area);
  return subnet !== undefined && overlaps(subnet, other);
}

function withGateway(subnet: Subnet): { cidr: string; gateway: string } {
  return { cidr: formatSubnet(subnet), gateway: formatAddress({ family: subnet.family, value: subnet.value + 1n }) };
}
