import type { ObservedContainer } from '../observe/observed.ts';
import type { ContainerSpec, ImageConfig } from './specs.ts';

/** All that an engine knows of one container, beyond what plans need. */
export interface ContainerDetails {
  readonly container: ObservedContainer;
  /** As it was created; `mounts` and `files` are superseded by `mounts` below. */
  readonly spec: ContainerSpec;
  readonly imageConfig: ImageConfig;
  /** Effective `KEY=value` list of the first process. */
  readonly env: readonly string[];
  /** As asked for, `user[:group]`; empty: root. */
  readonly user: string;
  readonly workingDir: string;
  readonly hostname: string;
  readonly supervisorPid?: number;
  readonly health?: { readonly failingStreak: number; readonly log: readonly HealthResult[] };
  readonly mounts: readonly MountDetails[];
  readonly networks: readonly NetworkDetails[];
  /** Host paths. */
  readonly files: {
    readonly resolvConf: string;
    readonly hostname: string;
    readonly hosts: string;
    readonly log: string;
    readonly upper: string;
    readonly work: string;
    readonly lower: readonly string[];
  };
}

export interface HealthResult {
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
  readonly exitCode: number;
  readonly output: string;
}

export interface MountDetails {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image';
  /** Of a volume. */
  readonly name?: string;
  /** Host path, or the image's reference; empty for a tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: string;
}

/** Addresses are there while the container runs. */
export interface NetworkDetails {
  readonly name: string;
  readonly id: string;
  readonly aliases: readonly string[];
  readonly mac?: string;
  readonly ipv4?: AddressDetails;
  readonly ipv6?: AddressDetails;
}

export interface AddressDetails {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
}
