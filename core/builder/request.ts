import type { Secret, Service, StringMap } from '../model/project.ts';
import type { CacheSource, CacheTarget } from './cache-location.ts';

/** Project of the containers that RUN instructions are; no compose project can have this name. */
export const buildProject = '.build';

/** What the engine is asked to build: one image, everything of the project resolved. */
export interface BuildRequest {
  /** For messages: the service. */
  readonly name: string;
  /** Absolute directory, or a git or tarball URL. */
  readonly context: string;
  /** Relative to the context, or absolute. */
  readonly dockerfile?: string;
  /** Instead of a file. */
  readonly dockerfileText?: string;
  /** Names that the image gets. */
  readonly references: readonly string[];
  readonly args: StringMap;
  readonly target?: string;
  readonly labels: StringMap;
  /** Named contexts: directory, URL, `docker-image://reference`. */
  readonly contexts: StringMap;
  /** Where results of steps are looked for that are not here. */
  readonly cacheFrom?: readonly CacheSource[];
  /** Where the results of this build are left. */
  readonly cacheTo?: readonly CacheTarget[];
  readonly noCache: boolean;
  /** Stages that are built without the cache. */
  readonly noCacheFilter: readonly string[];
  /** Asks registries for newer base images. */
  readonly pull: boolean;
  /** `os/architecture[/variant]`; absent: this machine's, or what `platforms` says. */
  readonly platform?: string;
  /** What the image may be for. */
  readonly platforms?: readonly string[];
  /** Builds for all of them; otherwise for this machine, or the first if it is none of them. */
  readonly allPlatforms?: boolean;
  readonly network?: string;
  /** `host=ip` */
  readonly extraHosts: readonly string[];
  readonly shmSize?: string;
  /** Bytes that a RUN step may use. */
  readonly memory?: string;
  readonly ulimits?: NonNullable<Service['ulimits']>;
  readonly secrets: readonly BuildSecret[];
  /** Agent sockets by id. */
  readonly ssh: StringMap;
  readonly entitlements: readonly string[];
  /** Seconds since the epoch: creation dates, and the latest time in a layer. */
  readonly sourceDateEpoch?: number;
}

export interface BuildSecret {
  readonly id: string;
  readonly source: { readonly path: string } | { readonly content: string | Secret };
  /** Where the project says so: for mounts that do not say it themselves. */
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

/** What a build tells while it goes on. Steps are numbered from 1 in the order in which they are first told. */
export type BuildEvent =
  | { readonly type: 'step'; readonly step: number; readonly title: string; readonly state: 'started' | 'cached' }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly title: string;
      readonly state: 'done' | 'failed';
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'output';
      readonly step: number;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      readonly elapsedMs: number;
    };

/** What is kept to make later builds fast. */
export interface BuildCacheEntry {
  readonly id: string;
  readonly kind: 'layer' | 'mount';
  readonly title: string;
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly usedAt: string;
  readonly uses: number;
  readonly isInUse: boolean;
}

export interface BuildPrune {
  /** Leaves what images with names hold. */
  readonly unusedOnly?: boolean;
  /** Only what was last used longer ago. */
  readonly olderThanMs?: number;
  /** Removes the least recently used until no more than this is left. */
  readonly keepBytes?: number;
}
