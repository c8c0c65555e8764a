/** One rule of it. */
export interface SyncRuleSpec {
  /** Absolute host path; it may be or lead through a link, below it links are never followed. */
  readonly path: string;
  /** Neither copied nor removed. Patterns relative to absolute host directories. */
  readonly ignore: readonly { readonly base: string; readonly patterns: readonly string[] }[];
  /** Only some paths are the rule's (`include`): a directory that is its target stays when the source goes. */
  readonly isPartial: boolean;
}

/** What a container is to be kept like; see `Engine.openSync`. */
export interface SyncSpec {
  readonly rules: readonly SyncRuleSpec[];
}

/** Makes a path of the container what a path of the host is now. */
export interface SyncRequest {
  /** Absolute host path; when it is not there the target is removed. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** Index of the rule whose ignored files stay. */
  readonly rule: number;
  /** A directory that is there already stays as it is. */
  readonly isRoot: boolean;
}

export type SyncResult =
  | { readonly done: 'written'; readonly bytes: number }
  /** `same`: nothing had to be done; `unsupported`: a socket, a pipe or a device. */
  | { readonly done: 'attributes' | 'directory' | 'link' | 'removed' | 'same' | 'unsupported' }
  | {
      readonly done: 'failed';
      readonly reason: 'no-space' | 'read-only' | 'in-use' | 'request' | 'system';
      readonly message: string;
    };

/** A way into a running container's files that stays open as long as the container runs. */
export interface SyncSession extends AsyncDisposable {
  /** In order; a result for each. Rejects with `engine.container-not-running` when the container has ended. */
  sync(requests: readonly SyncRequest[]): Promise<readonly SyncResult[]>;
  /** Resolves when the container has ended, or the session is disposed of. */
  readonly ended: Promise<void>;
}
