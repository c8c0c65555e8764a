import { randomBytes } from 'node:crypto';
import { overlaps, parseSubnet, type Subnet, subnetRange } from './ip-address.ts';

/** A /22 holds as many addresses as a bridge has ports (1,023); see docs/adr/0010. */
const poolLength = 22;
/** Tried in order: the upper end of 10/8, seldom used by VPNs and clouds, then Docker's range. */
export const poolAreas: readonly string[] = [
  '10.210.0.0/15',
  '10.212.0.0/14',
  '10.216.0.0/13',
  '172.16.0.0/12',
  '10.128.0.0/10',
  '10.64.0.0/10',
  '10.0.0.0/10',
];

/**
 * The first free private /22 that overlaps none of `taken` (routes of the host, subnets of our networks). `start`: which
 * /22 of an area to begin with, so that two state roots that look at the same moment do not see the same one first.
 */
export function chooseSubnet(taken: readonly Subnet[], start = 0): Subnet | undefined {
  const ranges = taken
    .filter((one) => one.family === 4)
    .map(subnetRange)
    .toSorted((a, b) => (a.first < b.first ? -1 : 1));
  for (const text of poolAreas) {
    const area = parseSubnet(text);
    if (area === undefined) continue;
    const { first, last } = subnetRange(area);
    const begin = first + (BigInt(start) % ((last - first + 1n) / poolSize)) * poolSize;
    const value = firstGap(ranges, { first: begin, last }) ?? firstGap(ranges, { first, last: begin - 1n });
    if (value !== undefined) return { family: 4, value, length: poolLength };
  }
  return undefined;
}

const poolSize = 1n << BigInt(32 - poolLength);

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

function firstGap(ranges: readonly Range[], within: Range): bigint | undefined {
  let value = within.first;
  for (const { first, last } of ranges) {
    if (first >= value + poolSize) break;
    // The next candidate begins behind what is in the way.
    if (last >= value) value = (last / poolSize + 1n) * poolSize;
  }
  return value <= within.last ? value : undefined;
}

/** A random unique local /64 (RFC 4193). */
export function chooseSubnet6(taken: readonly Subnet[]): Subnet {
  for (;;) {
    const value = (0xfdn << 120n) | (BigInt(`0x${randomBytes(7).toString('hex')}`) << 64n);
    const candidate: Subnet = { family: 6, value, length: 64 };
    if (!taken.some((one) => one.family === 6 && overlaps(one, candidate))) return candidate;
  }
}
