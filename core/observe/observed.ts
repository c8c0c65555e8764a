import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ImageSummary } from '../engine/specs.ts';
import type { Service, StringMap } from '../model/project.ts';

export interface ObserveQuery {
  readonly project: string;
  /** Image references whose local state is asked. */
  readonly images: readonly string[];
  /** Engine names of networks and volumes that may belong to nobody or to others (external, renamed). */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Host ports that the project wants to publish. */
  readonly ports: readonly HostPort[];
  /** Absolute paths whose content decides (configs, secrets): the answer holds their digests. */
  readonly files: readonly string[];
  /** Services that the engine is to judge: what it cannot run comes back as `refusals`. */
  readonly services?: Readonly<Record<string, Service>>;
}

export interface HostPort {
  /** Empty: every address. */
  readonly hostIp: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** One reading of the world; plain data, sorted by name. */
export interface Observed {
  readonly project: string;
  readonly containers: readonly ObservedContainer[];
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** Key: reference as asked. Missing key: not in the local store. */
  readonly images: Readonly<Record<string, ImageSummary>>;
  /** Asked ports that something other than this project's containers holds. */
  readonly heldPorts: readonly PortHolder[];
  /** Key: path as asked; `null`: the file does not exist or is not readable. Value: `sha256:…`. */
  readonly fileDigests: Readonly<Record<string, string | null>>;
  /** Why asked services cannot run on this engine, by service: errors with their place in the model. */
  readonly refusals?: Readonly<Record<string, readonly Diagnostic[]>>;
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';
export type HealthState = 'starting' | 'healthy' | 'unhealthy';

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly service: string;
  /** 0 for a one-off. */
  readonly number: number;
  readonly oneOff: boolean;
  readonly state: ContainerState;
  /** What the last command asked for: survives a reboot, tells `up --resume` and `start --resume` what was running. */
  readonly desired: 'running' | 'stopped';
  /** First process in the host's pid namespace; only while running or paused. */
  readonly pid?: number;
  /** Last exit, 128+n for a signal; only when exited, dead or restarting. */
  readonly exitCode?: number;
  readonly oomKilled: boolean;
  /** Why the last start failed or the supervisor gave up, in words. */
  readonly error?: string;
  /** Absent: no health check. */
  readonly health?: HealthState;
  /** Output of the last failing check, when unhealthy. */
  readonly healthOutput?: string;
  readonly restartCount: number;
  /** Image reference as written in the service. */
  readonly image: string;
  readonly imageId: string;
  readonly imageDigest: string;
  readonly labels: StringMap;
  readonly endpoints: readonly {
    readonly network: string;
    readonly ipv4?: string;
    readonly ipv6?: string;
    readonly mac?: string;
    readonly aliases: readonly string[];
  }[];
  readonly mounts: readonly {
    readonly type: 'bind' | 'volume' | 'tmpfs' | 'image';
    readonly source: string;
    readonly target: string;
    readonly anonymous: boolean;
    readonly readOnly?: boolean;
  }[];
  readonly ports: readonly PublishedPort[];
  /** Effective argv. */
  readonly argv: readonly string[];
  /** RFC 3339. */
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

export interface PublishedPort {
  readonly hostIp: string;
  /** Absent: exposed only. */
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

export interface ObservedNetwork {
  readonly name: string;
  readonly project?: string;
  readonly labels: StringMap;
  readonly subnets: readonly string[];
  /** Ids of attached containers, any project. */
  readonly containers: readonly string[];
}

export interface ObservedVolume {
  readonly name: string;
  readonly project?: string;
  readonly labels: StringMap;
  readonly anonymous: boolean;
  readonly containers: readonly string[];
}

/** Who stands in the way of a wanted port. */
export interface PortHolder extends HostPort {
  readonly pid?: number;
  readonly process?: string;
  /** When a container of another project holds it. */
  readonly holderProject?: string;
  readonly holderService?: string;
}
