import type { ImageConfig } from '../engine/specs.ts';

/** One line of an image's history (image-spec config.md). */
export interface HistoryEntry {
  /** RFC 3339; absent while it is not known. */
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** The configuration of an image under construction, or of one that a stage begins with. */
export interface BuildImage {
  readonly config: ImageConfig;
  readonly history: readonly HistoryEntry[];
  readonly author?: string;
}

/** What `FROM scratch` begins with: a search path and nothing else. */
export const scratchImage: BuildImage = {
  config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/' },
  history: [],
};
