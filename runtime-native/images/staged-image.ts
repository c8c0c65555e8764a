/** A layer that is ready to become part of the store: new ones lie in a workspace, known ones are there already. */
export interface StagedLayer {
  readonly diffId: string;
  readonly chainId: string;
  readonly blob: StagedBlob;
  readonly mediaType: string;
  /** Of the uncompressed archive. */
  readonly sizeBytes: number;
  /** Directory to move into place; absent when the store has this layer. */
  readonly directory?: string;
  /** Directories of a new layer of which its archive says nothing. */
  readonly implied?: readonly string[];
}

export interface StagedBlob {
  readonly digest: string;
  /** File to move into place, already flushed; absent when the store has this blob. */
  readonly path?: string;
}

/** An image with everything verified, about to be committed. */
export interface StagedImage {
  /** Exact bytes, whose digest is the image id. */
  readonly config: string;
  readonly manifest: string;
  readonly layers: readonly StagedLayer[];
  /** Normalised references that shall name it. */
  readonly references: readonly string[];
}
