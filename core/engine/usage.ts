/** One process of a container, as the host sees it. */
export interface ContainerProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly uid: number;
  /** Name of the uid on the host; absent: it has none. */
  readonly userName?: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Processor time so far. */
  readonly cpuMs: number;
  /** `pts/0`; absent: no terminal. */
  readonly terminal?: string;
  readonly command: string;
}

/** What a running container uses at one moment; counters count from its start. */
export interface ContainerUsage {
  readonly takenAtMs: number;
  readonly cpuMs: number;
  /** Without page cache that can be dropped at once, as Docker counts. */
  readonly memoryBytes: number;
  /** The container's limit, or the memory of the machine. */
  readonly memoryLimitBytes: number;
  /** All interfaces but loopback; 0 where the network is another's. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly processes: number;
}
