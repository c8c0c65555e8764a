import type { Readable, Writable } from 'node:stream';
import type { Secret, Service, StringMap } from '../model/project.ts';

/** What the engine is asked to create: everything resolved, nothing left to look up in the project. */
export interface ContainerSpec {
  readonly name: string;
  readonly project: string;
  readonly serviceName: string;
  /** Replica number from 1; 0 for a one-off container. */
  readonly number: number;
  readonly oneOff: boolean;
  /** Image reference as written (`nginx:1.27`); the engine resolves it to the local image now. */
  readonly image: string;
  /** The canonical service: process, isolation, limits, health, restart. Its `networks`, `volumes`, `configs`, `secrets` are superseded by the fields below. */
  readonly service: Service;
  /** Primary endpoint first (priority descending, then name). Empty: `network_mode` of the service decides. */
  readonly endpoints: readonly EndpointSpec[];
  readonly mounts: readonly MountSpec[];
  readonly files: readonly FileSpec[];
  readonly labels: StringMap;
  /** Container id for `network_mode|ipc|pid: service:x`, already resolved. */
  readonly networkContainer?: string;
  readonly ipcContainer?: string;
  readonly pidContainer?: string;
  /** Container whose anonymous volumes are taken over (recreate). */
  readonly inheritVolumesFrom?: string;
  /** Gone when it has ended: nobody sees it any more, the next command of its project removes it with its anonymous volumes. */
  readonly autoRemove?: boolean;
}

export interface EndpointSpec {
  /** Engine name of the network. */
  readonly network: string;
  /** Names under which the others of this network find it; the engine adds nothing. */
  readonly aliases: readonly string[];
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly linkLocalAddresses?: readonly string[];
  readonly macAddress?: string;
  readonly interfaceName?: string;
  readonly gatewayPriority?: number;
  readonly driverOpts?: StringMap;
}

export type MountSpec =
  | {
      readonly type: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly createHostPath: boolean;
      readonly propagation?: string;
      readonly recursive?: string;
      readonly selinux?: string;
    }
  /** `volume` is the engine name; absent for an anonymous volume. */
  | {
      readonly type: 'volume';
      readonly volume?: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly noCopy: boolean;
      readonly subpath?: string;
      readonly labels?: StringMap;
    }
  | {
      readonly type: 'tmpfs';
      readonly target: string;
      readonly readOnly: boolean;
      readonly sizeBytes?: number;
      readonly mode?: number;
      readonly options?: readonly string[];
    }
  | { readonly type: 'image'; readonly image: string; readonly target: string; readonly subpath?: string };

/** A config or secret as a file in the container. */
export interface FileSpec {
  readonly target: string;
  /** Absolute host path of the file, with `copy` one that gets owner and mode of its own; or its content. */
  readonly source: { readonly path: string; readonly copy?: boolean } | { readonly content: string | Secret };
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly secret: boolean;
}

export interface NetworkSpec {
  readonly name: string;
  readonly project?: string;
  readonly driver: string;
  readonly driverOpts: StringMap;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly pools: readonly {
    readonly subnet?: string;
    readonly gateway?: string;
    readonly ipRange?: string;
    readonly auxAddresses?: StringMap;
  }[];
  readonly labels: StringMap;
}

export interface VolumeSpec {
  readonly name: string;
  readonly project?: string;
  readonly driver: string;
  readonly driverOpts: StringMap;
  readonly labels: StringMap;
}

export interface ExecSpec {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly tty: boolean;
  readonly privileged: boolean;
  readonly detach: boolean;
}

export interface ExecStreams {
  readonly stdin?: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Initial size and later changes; only with a tty. */
  readonly terminalSize?: { readonly columns: number; readonly rows: number };
  readonly onResize?: (listener: (size: { columns: number; rows: number }) => void) => void;
  /** Signals (`SIGHUP`) for the process while it runs. */
  readonly onSignal?: (listener: (name: string) => void) => void;
}

/** A connection to a container's first process. */
export interface AttachSession {
  /** The process ended (its exit code, 128+n for a signal), or `detach` was called. Rejects when the signal aborts. */
  readonly ended: Promise<{ readonly exitCode: number } | { readonly detached: true }>;
  /** Ends the connection; the process goes on. */
  detach(): void;
}

export interface LogQuery {
  readonly follow: boolean;
  /** Number of last lines; absent: all. */
  readonly tail?: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, as written when the line was read. */
  readonly time: string;
  /** Without its line feed; a partial line (no line feed yet, or longer than 16 KiB) has `partial`. */
  readonly text: string;
  readonly partial: boolean;
}

/** An image of the local store. */
export interface ImageSummary {
  /** `sha256:` + digest of the image config. */
  readonly id: string;
  /** Digest of the manifest, what the label `com.docker.compose.image` holds. */
  readonly digest: string;
  /** Normalised references, `docker.io/library/nginx:1.27`; empty for a dangling image. */
  readonly references: readonly string[];
  /** When the name that was asked for was last pulled or given; absent when the image was found otherwise. */
  readonly taggedAt?: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly config: ImageConfig;
  /** Digests of the unpacked layers in order (diff ids). */
  readonly layers: readonly string[];
}

/** The parts of the OCI image configuration that tscompose reads (image-spec config.md), all optional there. */
export interface ImageConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  /** Has a meaning on Windows only; builders set it with CMD. */
  readonly ArgsEscaped?: boolean;
  readonly Volumes?: Readonly<Record<string, unknown>> | null;
  readonly WorkingDir?: string;
  readonly Labels?: StringMap | null;
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  /** Dockerfile instructions for images that are built on this one. */
  readonly OnBuild?: readonly string[] | null;
  readonly Healthcheck?: {
    readonly Test?: readonly string[];
    /** Nanoseconds. */
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
    readonly Retries?: number;
  };
}

export interface ImageImport {
  /** Path of a tar archive (plain, gzip, zstd), its http(s) URL, or `-` for `stdin`. */
  readonly source: string;
  readonly stdin?: Readable;
  readonly reference?: string;
  /** Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR. */
  readonly changes: readonly string[];
  readonly message?: string;
  readonly platform?: string;
}

/** One message of a push in progress; without `layer` it speaks of the image's configuration. */
export interface PushProgress {
  readonly layer?: string;
  /** `exists` and `mounted`: the registry had it, and nothing was sent. */
  readonly phase: 'checking' | 'uploading' | 'exists' | 'mounted' | 'sent';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface PushedImage {
  /** The long reference. */
  readonly reference: string;
  /** Of the manifest; with it the image can be pulled again. */
  readonly digest: string;
  /** Of the manifest. */
  readonly sizeBytes: number;
}

/** One message of a pull in progress; without `layer` it speaks of the whole image. */
export interface PullProgress {
  readonly layer?: string;
  /** `waiting`: another pull is at work on this layer. */
  readonly phase: 'resolving' | 'waiting' | 'downloading' | 'unpacking' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number;
}
