/** One way in which a process of a container is reachable from outside of its networks. */
export interface Exposure {
  readonly project: string;
  readonly service: string;
  readonly container: string;
  /** Address of the host, or of the container itself on a macvlan network; `*`: every address of the host. */
  readonly address: string;
  /** Absent: every port on which the container listens. */
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  /** Absent: the process itself listens there. */
  readonly containerPort?: number;
  /** Who can reach it: this machine, those who reach this one address, or all who reach the machine. */
  readonly reach: 'loopback' | 'address' | 'any';
  readonly through: 'address-translation' | 'loopback-proxy' | 'host-network' | 'macvlan';
}

/** Who reaches a port that is published on an address of the host. */
export function reachOf(address: string): Exposure['reach'] {
  if (address === '*' || address === '' || address === '0.0.0.0' || address === '::') return 'any';
  return address.startsWith('127.') || address === '::1' ? 'loopback' : 'address';
}
