import type { ImageImport, ImageSummary, PullProgress, PushedImage, PushProgress } from '#core/engine/specs.ts';
import type { ImageDetail, ImagePrune, ImageSave, Pruned } from '#core/engine/store.ts';
import type { TreeArchive } from './archive-tree.ts';
import type { TreeCommit } from './commit-tree.ts';

/** What the engine needs of images; `openImageStore` (open-image-store.ts) returns one. Owner: runtime-native/images. */
export interface ImageStore {
  /** Local image of a reference (short names normalised, `sha256:…` ids and unambiguous id prefixes of 4+ hex accepted). */
  inspect(reference: string): ImageSummary | undefined;
  list(): readonly ImageSummary[];
  /** Overlay lower directories of an image, topmost first. */
  lowerDirectories(imageId: string): readonly string[];
  /**
   * Numeric user of `user[:group]` by the image's /etc/passwd and /etc/group (read safely, bounded), answers cached per
   * image. `groups`: extra names or ids. Rejects with `engine.user-not-found`.
   */
  lookupUser(imageId: string, request: { readonly user: string; readonly groups: readonly string[] }): Promise<UserLookup>;
  import(request: ImageImport, signal?: AbortSignal): Promise<ImageSummary>;
  load(
    path: string,
    onProgress: (progress: { readonly reference: string; readonly doneBytes: number; readonly totalBytes: number }) => void,
    signal?: AbortSignal,
  ): Promise<readonly ImageSummary[]>;
  pull(
    reference: string,
    options: { readonly platform?: string },
    onProgress: (progress: PullProgress) => void,
    signal?: AbortSignal,
  ): Promise<ImageSummary>;
  /** See `EngineStore.commitContainer`. */
  commit(request: TreeCommit): Promise<ImageSummary>;
  save(request: ImageSave): Promise<readonly ImageSummary[]>;
  /** See `EngineStore.describeImage`. */
  describe(reference: string): Promise<ImageDetail | undefined>;
  prune(request: ImagePrune): Promise<Pruned>;
  archiveTree(request: TreeArchive): Promise<void>;
  /** See `Engine.pushImage`. */
  push(reference: string, onProgress: (progress: PushProgress) => void, signal?: AbortSignal): Promise<PushedImage>;
  /** See `Engine.pinReference`. */
  pin(reference: string, signal?: AbortSignal): Promise<string>;
  tag(reference: string, target: string): void;
  remove(
    reference: string,
    options: { readonly force?: boolean },
  ): Promise<{ readonly untagged: readonly string[]; readonly deleted: readonly string[] }>;
}

export interface UserLookup {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups: those of /etc/group that list the user, then the requested ones; sorted, without duplicates. */
  readonly groups: readonly number[];
  /** `/` when unknown. */
  readonly home: string;
}
