import type { ObservedContainer } from '../observe/observed.ts';
import type { ImageSummary } from './specs.ts';

/** What commands do with images and containers' files beside running them; part of the `Engine`. */
export interface EngineStore {
  /**
   * Writes a container's file system, running or not, as one plain tar archive; what is mounted into it (volumes, configs) is
   * not in it. The output is left open.
   */
  exportContainer(id: string, output: NodeJS.WritableStream, signal?: AbortSignal): Promise<void>;

  /**
   * Makes an image of a container: the layers of its image, one of what the container changed (none when nothing), and its
   * command, environment, user and labels. Mounts are not part of it.
   */
  commitContainer(id: string, commit: ContainerCommit, signal?: AbortSignal): Promise<ImageSummary>;

  /**
   * Writes images into one archive: `docker` is read by `docker load` and every reader of OCI layouts, `oci` keeps every
   * blob and manifest byte for byte. `app:1` means that name, `app` all tags of the repository, an id the image without
   * a name. Resolves with the images. `engine.image-not-found`.
   */
  saveImages(request: ImageSave): Promise<readonly ImageSummary[]>;

  /** All that is known of a local image, for `image inspect` and `image history`. */
  describeImage(reference: string): Promise<ImageDetail | undefined>;

  /**
   * Removes images that no container, running or not, needs: those without a name, or with `all` any. Layers and blobs that no
   * image needs go with them. What the build cache keeps stays.
   */
  pruneImages(prune: ImagePrune): Promise<Pruned>;

  /** What takes space on this engine, and who needs it. Measures: slow. */
  diskUsage(signal?: AbortSignal): Promise<DiskUsage>;
}

export interface ImageDetail extends ImageSummary {
  /** The configuration as it was made (image-spec config.md), JSON. */
  readonly document: string;
  /** When it got a name last. */
  readonly taggedAt?: string;
  readonly manifestBytes: number;
  /** Bottom first. */
  readonly storedLayers: readonly {
    readonly diffId: string;
    /** Of the uncompressed archive. */
    readonly sizeBytes: number;
    /** Digest of the archive as it is kept. */
    readonly archive: string;
    readonly archiveBytes: number;
    readonly mediaType: string;
    /** Where the engine has it unpacked. */
    readonly directory: string;
  }[];
}

export interface ImagePrune {
  /** Also images with names. */
  readonly all: boolean;
  /** Only those created before, in milliseconds since the epoch. */
  readonly untilMs?: number;
  /** `key` or `key=value`, all of which it must have. */
  readonly labels: readonly string[];
  /** None of which it may have. */
  readonly withoutLabels: readonly string[];
}

export interface Pruned {
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
  readonly reclaimedBytes: number;
}

export interface DiskUsage {
  /** Of all images, what they share counted once: unpacked layers and kept archives. */
  readonly imageBytes: number;
  /** What would be free without the images that no container needs. */
  readonly reclaimableImageBytes: number;
  readonly images: readonly {
    readonly id: string;
    readonly references: readonly string[];
    readonly createdAt: string;
    readonly sizeBytes: number;
    readonly sharedBytes: number;
    readonly uniqueBytes: number;
    /** Names of containers. */
    readonly usedBy: readonly string[];
  }[];
  readonly containers: readonly {
    readonly id: string;
    readonly name: string;
    readonly project: string;
    readonly service: string;
    readonly state: ObservedContainer['state'];
    readonly image: string;
    readonly imageId: string;
    readonly writableBytes: number;
    readonly logBytes: number;
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly project?: string;
    readonly anonymous: boolean;
    readonly sizeBytes: number;
    readonly usedBy: readonly string[];
  }[];
  readonly networks: readonly { readonly name: string; readonly project?: string; readonly usedBy: readonly string[] }[];
}

export interface ImageSave {
  readonly references: readonly string[];
  readonly format: 'docker' | 'oci';
  /** Of the archive as a whole; default none. */
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** Left open. */
  readonly output: NodeJS.WritableStream;
  readonly signal?: AbortSignal | undefined;
}

export interface ContainerCommit {
  readonly reference?: string;
  readonly author?: string;
  readonly message?: string;
  /** Dockerfile instructions, as `ImageImport.changes`. */
  readonly changes: readonly string[];
  /** A running container stands still meanwhile. */
  readonly pause: boolean;
}
