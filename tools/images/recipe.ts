/** How a base image is assembled from Debian packages. Everything that decides its content is in here: it is the cache key. */
export interface Recipe {
  readonly name: string;
  /** What Dockerfiles and compose files call it. */
  readonly reference: string;
  /** `extract`: the packages are only unpacked. `apt`: a Debian system with its package manager, everything configured. */
  readonly variant: 'extract' | 'apt';
  /** Debian packages; what they depend on comes along. */
  readonly packages: readonly string[];
  /** What dpkg and apt are told, as mmdebstrap takes it; it stays in the image. */
  readonly options: readonly string[];
  /** Files that are put in: path in the image to text. */
  readonly files: Readonly<Record<string, { readonly text: string; readonly mode?: number }>>;
  /** POSIX sh on the host, in the directory that is the root file system, before the files are put in. */
  readonly script: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
}

/** The Debian release that all images are made of. */
export const suite = 'bookworm';
