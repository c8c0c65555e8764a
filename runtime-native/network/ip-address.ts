/** An address or prefix as a number, so that ranges compare and count alike for IPv4 and IPv6. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Subnet extends IpAddress {
  /** Prefix length; `value` has no bits behind it. */
  readonly length: number;
}

const groupCount = 8;

/** Reads `10.0.0.1` or `fd00::1` (also with an embedded IPv4 part); undefined when the text is neither. */
export function parseAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const parts = text.split('.');
    if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
    return { family: 4, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) };
  }
  const groups = ipv6Groups(text);
  return groups && { family: 6, value: groups.reduce((value, group) => value * 65536n + BigInt(group), 0n) };
}

/** Reads `10.0.0.0/24`; host bits are cleared. */
export function parseSubnet(text: string): Subnet | undefined {
  const [addressText = '', lengthText = ''] = text.split('/');
  const address = parseAddress(addressText);
  if (address === undefined || !/^\d{1,3}$/.test(lengthText) || Number(lengthText) > bits(address.family)) return undefined;
  const length = Number(lengthText);
  const hostBits = BigInt(bits(address.family) - length);
  return { family: address.family, value: (address.value >> hostBits) << hostBits, length };
}

export function formatAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: groupCount }, (_, index) =>
    ((value >> BigInt(16 * (groupCount - 1 - index))) & 0xffffn).toString(16),
  );
  // The URL parser knows the canonical compression (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet)}/${subnet.length}`;
}

/** First and last address of a subnet. */
export function subnetRange(subnet: Subnet): { readonly first: bigint; readonly last: bigint } {
  const size = 1n << BigInt(bits(subnet.family) - subnet.length);
  return { first: subnet.value, last: subnet.value + size - 1n };
}

export function contains(subnet: Subnet, address: IpAddress): boolean {
  const { first, last } = subnetRange(subnet);
  return subnet.family === address.family && address.value >= first && address.value <= last;
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.length <= other.length ? contains(one, other) : contains(other, one);
}

function bits(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function ipv6Groups(text: string): readonly number[] | undefined {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (embedded !== null) {
    const tail = parseAddress(embedded[2] ?? '');
    if (tail === undefined) return undefined;
    return ipv6Groups(`${embedded[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`);
  }
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return undefined;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = groupCount - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
