/** A machine that is made anew, and its boots. */
export interface Part {
  readonly name: string;
  /** What is shown. */
  readonly shows: string;
  /** First program: ours, or systemd. */
  readonly init: string;
  readonly boots: number;
}

export const parts: readonly Part[] = [
  { name: 'plain', shows: 'limits, OOM kills and stats with cgroup v2 only, and a loss of power', init: '/vm/init', boots: 2 },
  { name: 'systemd', shows: 'enable, sessions and slices beside systemd, and a reboot', init: '/sbin/init', boots: 2 },
  { name: 'protocols', shows: 'SCTP ports and NFS volumes', init: '/vm/init', boots: 1 },
];
