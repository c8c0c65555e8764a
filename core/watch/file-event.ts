/**
 * What the file watcher tells of a path. `found`: there at the start. `written`: complete now (closed after writing, moved
 * in, made as a whole, attributes changed). `open`: being written. `gone`: removed or moved out, with all below it.
 */
export interface FileEvent {
  /** Index of the root. */
  readonly root: number;
  readonly kind: 'found' | 'written' | 'open' | 'gone';
  /** Relative to the root; empty for the root itself. */
  readonly path: string;
}

/** What the file watcher has to say besides. */
export type WatcherNotice =
  | { readonly type: 'ready'; readonly directories: number; readonly files: number }
  /** The kernel dropped events; everything is told again. */
  | { readonly type: 'overflow' }
  | { readonly type: 'unwatched'; readonly why: 'unreadable' | 'not-utf8' | 'too-deep'; readonly path: string };

/** What the file watcher tells at once: events in order, and notices. */
export interface Told {
  readonly events: readonly FileEvent[];
  readonly notices: readonly WatcherNotice[];
}
