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
