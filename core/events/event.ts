import type { BuildEvent } from '../builder/request.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Action, ActionOf, Plan } from '../plan/plan.ts';

/**
 * All that long work reports: ids and numbers, no English, no colour. Views (`cli/views`) turn it into text;
 * `--progress json` prints the resource form described in docs/cli.md.
 */
export type Event =
  | { readonly type: 'plan-ready'; readonly plan: Plan }
  | { readonly type: 'action-started'; readonly action: Action }
  | {
      readonly type: 'action-progress';
      readonly action: Action;
      readonly part?: string;
      readonly done: number;
      readonly total: number;
      readonly unit: 'bytes' | 'items';
    }
  /** What an external program says of its work. */
  | { readonly type: 'action-message'; readonly action: Action; readonly text: string }
  /** Steps and output of a build. */
  | { readonly type: 'build-event'; readonly action: ActionOf<'image.build'>; readonly event: BuildEvent }
  | { readonly type: 'action-finished'; readonly action: Action; readonly elapsedMs: number }
  /** A wait or hook that was allowed to fail (`required: false`). */
  | { readonly type: 'action-skipped'; readonly action: Action; readonly diagnostic: Diagnostic }
  | { readonly type: 'action-failed'; readonly action: Action; readonly diagnostics: readonly Diagnostic[] }
  /** Not started because something before it failed or the command was interrupted. */
  | { readonly type: 'action-cancelled'; readonly action: Action }
  | { readonly type: 'notice'; readonly diagnostic: Diagnostic }
  /** Output of a lifecycle hook: of the container of a `pre_start` hook, or of another one inside a container. */
  | {
      readonly type: 'log-line';
      readonly container: string;
      readonly service: string;
      readonly stream: 'stdout' | 'stderr';
      readonly time: string;
      readonly text: string;
    };

export type Emit = (event: Event) => void;
