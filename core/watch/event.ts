import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** What a watch reports; views make text of it, in every form the same facts. */
export type WatchEvent =
  | {
      readonly type: 'enabled';
      readonly services: readonly string[];
      readonly directories: number;
      readonly files: number;
      readonly elapsedMs: number;
    }
  | { readonly type: 'disabled' }
  | { readonly type: 'sync-started'; readonly service: string; readonly changes: number; readonly cause: SyncCause }
  | {
      readonly type: 'sync-finished';
      readonly service: string;
      readonly containers: number;
      /** In one container: files and links written, attributes changed, directories made. */
      readonly written: number;
      readonly removed: number;
      /** In all containers. */
      readonly bytes: number;
      readonly elapsedMs: number;
    }
  /** An action besides copying. */
  | { readonly type: 'action-started'; readonly action: 'rebuild' | 'restart' | 'apply'; readonly service: string }
  | {
      readonly type: 'action-finished';
      readonly action: 'rebuild' | 'restart' | 'apply';
      readonly service: string;
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'action-failed';
      readonly action: 'rebuild' | 'restart' | 'apply';
      readonly service: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly type: 'exec-started'; readonly service: string; readonly container: string; readonly command: string }
  | {
      readonly type: 'exec-finished';
      readonly service: string;
      readonly container: string;
      readonly command: string;
      readonly exitCode: number;
      readonly elapsedMs: number;
    }
  | { readonly type: 'exec-output'; readonly container: string; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'problem'; readonly diagnostic: Diagnostic };

/** Why something is copied: files changed, it is there at the start, a container is new, or it did not work before. */
export type SyncCause = 'changes' | 'initial' | 'container' | 'again';

export type EmitWatch = (event: WatchEvent) => void;
