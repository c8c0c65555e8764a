/**
 * What the engine (TypeScript) and the native supervisor (C) say to each other. This file is the source;
 * `schemas/supervisor-protocol.json` is generated from it (`npm run check` verifies), and the C field tables follow it.
 *
 * ## Processes
 *
 * `tscompose-supervisor launch` — one per command. stdin: one `LaunchRequest` JSON per line; stdout: one `LaunchReply`
 * JSON per line, in completion order. It forks a supervisor per `start` (at most `concurrency` set-ups at once), each of
 * which detaches (own session, stdio on /dev/null, no fd of the launcher) and reports readiness or failure through a
 * pipe to the launcher. End of stdin: the launcher answers what is under way and exits 0. Supervisors live on.
 *
 * `tscompose-supervisor --version` prints `tscompose-supervisor <package version> protocol <number>`.
 *
 * The supervisor itself: reads `<runDir>/supervisor.json` (`SupervisorSpec`), holds flock on `<runDir>/lock` for life,
 * writes `<runDir>/status.json` (temp + rename) on each transition, listens on `<runDir>/control.sock` (0600, SO_PEERCRED
 * must be its own uid), and when it ends for good writes the final status to `<stateDir>/status.json` too (temp, fsync,
 * rename), removes cgroups, DNS lines and control.sock, and exits.
 *
 * ## Control socket frames
 *
 * u32 big-endian length of the rest, u8 channel, payload. Channel 0: one JSON document. 1: stdin bytes (client →
 * supervisor; zero length = end of input), 2: stdout, 3: stderr (supervisor → client). At most 64 KiB a frame. The first
 * frame of a connection is a channel-0 `ControlRequest`; one request per connection. Every reply is a `ControlReply` on
 * channel 0; for exec and attach `started` precedes output and `exited` ends the connection.
 */

export const protocolVersion = 1;

export type LaunchRequest =
  | { readonly id: number; readonly op: 'start'; readonly runDir: string }
  /**
   * After a supervisor was killed: kills every process of the container's cgroups (or, without them, pid + start time of
   * the status file), waits until they are gone, removes cgroups and DNS lines, writes a final status (`exited`, 137,
   * error `supervisor died`) to both places. Succeeds when there is nothing to do; fails `busy` when a supervisor lives.
   */
  | { readonly id: number; readonly op: 'cleanup'; readonly runDir: string }
  /**
   * Runs this program when stdin has ended and all is answered: the command was killed, and something must be put in order. It
   * replaces the one that was there; an empty `argv` takes it back, which a command does that ends by itself.
   */
  | { readonly id: number; readonly op: 'successor'; readonly argv: readonly string[]; readonly env: readonly string[] };

export type LaunchReply =
  | { readonly id: number; readonly ok: true; readonly supervisorPid?: number; readonly pid?: number }
  | {
      readonly id: number;
      readonly ok: false;
      /** `runtime`: the OCI runtime refused (message = its words). `not-found`/`not-executable`: the process's argv[0] (exit 127/126). `busy`: another supervisor has the lock. `port`: a loopback port is taken. `config`: bad supervisor.json. */
      readonly reason: 'runtime' | 'not-found' | 'not-executable' | 'busy' | 'port' | 'config' | 'system';
      readonly message: string;
    };

export interface SupervisorSpec {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** Durable: log, final status, upper, work. */
  readonly stateDir: string;
  /** Volatile: this file, bundle `config.json`, status.json, control.sock, lock, rootfs mount point. */
  readonly runDir: string;
  readonly rootfs: {
    /** Lower directories, topmost first; at least one. */
    readonly lower: readonly string[];
    readonly upper: string;
    readonly work: string;
    /** Mounted at `<runDir>/rootfs` in the supervisor's private mount namespace. */
  };
  /**
   * Done after the rootfs is mounted, before the runtime starts. `fill`: when the directory `to` is empty, copy `from`
   * (path inside the rootfs, resolved with openat2 RESOLVE_IN_ROOT) into it with owner, mode, xattrs, times; a missing
   * `from` is not an error. `mount`: mount(2) for volumes with driver options, made in the private mount namespace.
   */
  readonly prepare: readonly (
    | { readonly kind: 'fill'; readonly from: string; readonly to: string }
    | {
        readonly kind: 'mount';
        readonly source: string;
        readonly target: string;
        readonly fstype: string;
        readonly options: string;
      }
    /**
     * `path` below the directory `base`, resolved without following a single link and bound at `target`, which is made: the
     * very object that was resolved is mounted, so nothing can be exchanged in between.
     */
    | { readonly kind: 'subpath'; readonly base: string; readonly path: string; readonly target: string }
  )[];
  readonly runtime: {
    readonly kind: 'crun' | 'runc';
    /** Absolute host path. */
    readonly path: string;
    /** `--root`. */
    readonly root: string;
    /** Global arguments before the command, e.g. `--cgroup-manager=disabled`. */
    readonly arguments: readonly string[];
    /** Join the cgroups below before exec of the runtime (then the runtime's own cgroup manager is off). */
    readonly joinCgroups: boolean;
    /** Unmount this in the private mount namespace first (crun refuses hybrid cgroups otherwise). */
    readonly hideUnifiedCgroup: boolean;
    /** The configuration has `poststop` hooks, which the runtime's `delete` runs. */
    readonly hasEndHooks?: boolean;
  };
  readonly cgroups: readonly {
    /** v1 controller name(s) as mounted (`memory`, `cpu`, `devices`, …) or `unified`. */
    readonly controller: string;
    /** Absolute directory, created by the supervisor (parents too), removed when the container ends for good. */
    readonly path: string;
    /** Written in this order after creation, before joining. */
    readonly writes: readonly { readonly file: string; readonly value: string; readonly ignoreErrors?: boolean }[];
  }[];
  readonly network: {
    /** `private`: a new namespace with the endpoints below (none: loopback only). `host`: the host's. `join`: that of process `joinPid`. */
    readonly mode: 'private' | 'host' | 'join';
    readonly joinPid?: number;
    readonly endpoints: readonly EndpointConfig[];
    /** Written under /proc/sys inside the namespace. */
    readonly sysctls: readonly { readonly key: string; readonly value: string }[];
  };
  readonly dns?: {
    /** DNS tables of the container's networks: `<run>/networks/<network id>` directories holding `names`. */
    readonly tables: readonly string[];
    /** `host[:port]` of the servers asked for other names; empty: only the tables. */
    readonly upstreams: readonly string[];
    /** `alias:name` in lower case: names that only this container knows, for names of the tables (`external_links`). */
    readonly links?: readonly string[];
    /** Address family of answers: with `ipv6` false, AAAA of known names answers empty. */
    readonly ipv6: boolean;
  };
  /** What this container contributes to each table while it runs; written by the supervisor, see `names` below. */
  readonly names: readonly {
    readonly table: string;
    readonly addresses: readonly string[];
    readonly names: readonly string[];
    readonly canonical: string;
  }[];
  /** Splice proxies on the host's loopback, run in an unprivileged child; the listeners reserve the port. */
  readonly ports: readonly {
    readonly hostIp: string;
    readonly hostPort: number;
    readonly protocol: 'tcp' | 'udp';
    readonly containerIp: string;
    readonly containerPort: number;
    /**
     * Uid that owns the listening socket (SO_REUSEPORT): listeners of one owner, replicas of a service, share the port and
     * the kernel spreads connections over them; nobody else can have it. Absent: the port is not shared.
     */
    readonly owner?: number;
  }[];
  /**
   * Published ports in the host's packet filter; absent without any. The chain `gate-<chain>` of the table has one rule,
   * `jump ports-<chain>`, while the container runs. The supervisor takes it out when the process ends and puts it back when it
   * has started again, and forgets UDP flows that lead elsewhere by then.
   */
  readonly firewall?: {
    readonly table: string;
    readonly chain: string;
    /** The container's, which ports are translated to. */
    readonly addresses: readonly string[];
    readonly udpPorts: readonly { readonly hostPort: number }[];
  };
  readonly process: {
    readonly tty: boolean;
    /** Keep stdin open; without it stdin is /dev/null. */
    readonly stdinOpen: boolean;
    /** Everything is made ready, but the first start waits until a client has attached; gives up after 30 s. */
    readonly awaitAttach?: boolean;
    readonly rows?: number;
    readonly columns?: number;
  };
  /** The container is killed when this process has ended, however it ended: a step of a build does not outlive the build. */
  readonly owner?: { readonly pid: number; readonly startTime: number };
  /** The project's event journal: one JSON line an event is appended; at `maxBytes` it becomes `<path>.1`. See docs/state.md. */
  readonly events?: { readonly path: string; readonly maxBytes: number };
  readonly log: LogConfig;
  readonly restart: {
    readonly policy: 'no' | 'always' | 'unless-stopped' | 'on-failure';
    /** 0: unlimited. */
    readonly maxRetries: number;
    /** Back-off: starts here, doubles to `maxDelayMs`, resets after a run of 10 s. Docker: 100 ms, 60 s. */
    readonly delayMs: number;
    readonly maxDelayMs: number;
    /** A run this long counts as a success: back-off and retries start over. Absent: 10 s, for the back-off only. */
    readonly windowMs?: number;
  };
  readonly stop: { readonly signal: number; readonly timeoutMs: number };
  readonly health?: {
    /** argv of the check; `CMD-SHELL` is already `["/bin/sh","-c",text]`. */
    readonly argv: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly startPeriodMs: number;
    readonly startIntervalMs: number;
    readonly retries: number;
  };
  /** Supervisor keeps serving what it serves for this long after an unexpected failure of a helper child; informational. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface EndpointConfig {
  /** Host bridge. */
  readonly bridge: string;
  /** Name inside the container. */
  readonly interfaceName: string;
  readonly mac: string;
  /** CIDR, `10.88.0.2/24`. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** Set on the endpoint that gives the default route. */
  readonly gateway4?: string;
  readonly gateway6?: string;
  readonly mtu: number;
  /** Turn hairpin mode of the bridge port on. */
  readonly hairpin: boolean;
  /** The bridge port reaches no other isolated port, only the host. */
  readonly isolated?: boolean;
  /** More addresses, CIDR (`link_local_ips`). */
  readonly extraAddresses?: readonly string[];
  /** Not a veth in a bridge but a macvlan link below `bridge`, in this mode of the kernel (MACVLAN_MODE_*). */
  readonly macvlanMode?: number;
}

/** Every driver but `none` may keep a local file, which `logs` reads; without one there is nothing to read. */
export type LogConfig =
  | { readonly driver: 'none' }
  | { readonly driver: 'json-file'; readonly file: LogFile }
  /** Entries in systemd's journal through the datagram socket `address` (a path), with these fields; never blocks. */
  | { readonly driver: 'journald'; readonly file?: LogFile; readonly address: string; readonly fields: readonly LogField[] }
  /** RFC 3164 / 5424 lines. */
  | {
      readonly driver: 'syslog';
      readonly file?: LogFile;
      readonly server: LogServer;
      readonly facility: number;
      readonly tag: string;
      readonly format: 'rfc3164' | 'rfc5424' | 'rfc5424micro' | 'unix';
    }
  /** GELF 1.1 messages, uncompressed. `extra`: a JSON object whose members each message has. */
  | { readonly driver: 'gelf'; readonly file?: LogFile; readonly server: LogServer; readonly extra: string }
  /** Events of fluentd's Forward protocol with these fields beside `source` and `log`. */
  | {
      readonly driver: 'fluentd';
      readonly file?: LogFile;
      readonly server: LogServer;
      readonly tag: string;
      readonly subSecond: boolean;
      readonly fields: readonly LogField[];
    };

/**
 * Docker's json-file lines (`{"log","stream","time"}`); rotation renames to `<path>.1` … `.maxFiles-1`. `compressor`: the
 * native helper, which turns rotated files into `<path>.1.gz` … beside the loop. `attributes`: a JSON object, `attrs` of each line.
 */
export interface LogFile {
  readonly path: string;
  readonly maxSizeBytes: number;
  readonly maxFiles: number;
  readonly compressor?: string;
  readonly attributes?: string;
}

export interface LogField {
  readonly name: string;
  readonly value: string;
}

/** A target that is away drops with a counter, never blocks. */
export interface LogServer {
  /** `udp://ip:port`, `tcp://ip:port`, `unix:///path`, `unixgram:///path`; with `tls` a `tcp` one. */
  readonly address: string;
  /** Over TLS, by the program `relay`. */
  readonly tls?: {
    readonly relay: string;
    /** Name or address that the server's certificate must be for. */
    readonly serverName: string;
    /** Certificates (PEM) that are trusted instead of the system's. */
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
    /** False: any certificate will do. */
    readonly verify: boolean;
  };
  /** Of streams. */
  readonly delivery: {
    /** So much waits for a server at most, in bytes and, if given, in messages. */
    readonly bufferBytes: number;
    readonly bufferMessages?: number;
    /** Before the first new attempt; each time half as long again, up to the next. */
    readonly retryMs: number;
    readonly maxRetryMs: number;
    /** Attempts until what waits is dropped; none: no limit. */
    readonly maxRetries?: number;
  };
}

/** `status.json`. Readers treat a missing or unparsable file as "no status". */
export interface SupervisorStatus {
  readonly version: 1;
  readonly id: string;
  readonly state: 'starting' | 'running' | 'paused' | 'restarting' | 'stopping' | 'exited';
  readonly supervisorPid: number;
  /** Field 22 of /proc/<pid>/stat: tells a reused pid. */
  readonly supervisorStartTime: number;
  /** First process of the container in the host's pid namespace, 0 when none. */
  readonly pid: number;
  readonly pidStartTime: number;
  /** RFC 3339 UTC with nanoseconds; empty when not yet. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Of the last end; 128+n for a signal. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** Why the container is not running, in words; empty when there is nothing to say. */
  readonly error: string;
  /** Bytes of the log that were dropped, and why lines do not arrive now; not there while there is nothing to say. */
  readonly log?: { readonly lostBytes: number; readonly problem: string };
  readonly health?: {
    readonly status: 'starting' | 'healthy' | 'unhealthy';
    readonly failingStreak: number;
    /** The last 5 results, oldest first; output cut at 4,096 bytes. */
    readonly log: readonly { readonly start: string; readonly end: string; readonly exitCode: number; readonly output: string }[];
  };
}

export type ControlRequest =
  /** Replies `done` when the process is gone and the final status is written. The supervisor then ends; no restart follows. */
  | { readonly version: 1; readonly id: number; readonly op: 'stop'; readonly timeoutMs?: number }
  /** A signal to the first process. */
  | { readonly version: 1; readonly id: number; readonly op: 'kill'; readonly signal: number }
  | { readonly version: 1; readonly id: number; readonly op: 'pause' | 'unpause' }
  | {
      readonly version: 1;
      readonly id: number;
      readonly op: 'exec';
      /** OCI runtime-spec `process` object, complete (user ids, env, cwd, capabilities, …). */
      readonly process: unknown;
      readonly tty: boolean;
      readonly stdin: boolean;
      readonly rows?: number;
      readonly columns?: number;
      /** Start it and reply `started`, then close. */
      readonly detach: boolean;
    }
  /** Live output from now on, input if the process has stdin open. `exited` comes at the end of the process, also when a restart follows. */
  | { readonly version: 1; readonly id: number; readonly op: 'attach'; readonly stdin: boolean };

/** Later channel-0 messages of an exec or attach connection, client → supervisor. */
export type SessionMessage =
  | { readonly resize: { readonly rows: number; readonly columns: number } }
  | { readonly signal: number };

export type ControlReply =
  | { readonly id: number; readonly ok: true; readonly event: 'done' | 'started'; readonly pid?: number }
  | { readonly id: number; readonly ok: true; readonly event: 'exited'; readonly exitCode: number }
  | {
      readonly id: number;
      readonly ok: false;
      readonly reason: 'not-running' | 'not-found' | 'not-executable' | 'runtime' | 'bad-request' | 'busy' | 'system';
      readonly message: string;
    };

/**
 * `<run>/networks/<network id>/names`: the DNS table of one network, text, replaced atomically by supervisors (under
 * flock on `<dir>/lock`), read by resolvers. One record a line, fields separated by one TAB:
 *
 *     <container id> TAB <address> TAB <canonical name> TAB <name> [TAB <name>…]
 *
 * Names are lower case. A supervisor adds its lines when its process runs and takes them out when it has ended; the
 * directory is 0755 and the file 0644 below a 0700 parent, because resolvers have no privileges but an open directory fd.
 */
export type NamesTable = string;
