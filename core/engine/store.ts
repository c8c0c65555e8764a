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
