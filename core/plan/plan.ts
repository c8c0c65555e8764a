import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AwaitCondition } from '../engine/engine.ts';
import type { ProviderCommand } from '../engine/provider.ts';
import type { Reason } from './reason.ts';

/**
 * The fields of each action kind. Plain JSON; each kind is exactly one engine call. `container` is an engine id of an
 * existing container, or `#<action id>` of the `container.create` that makes it: the executor looks results up by id.
 */
export interface ActionFields {
  'image.pull': { readonly reference: string; readonly platform?: string };
  'image.push': { readonly reference: string };
  /** Makes the image of a service from its `build` section; the executor derives the request from the project. */
  'image.build': { readonly service: string; readonly reference: string; readonly allPlatforms?: boolean };
  /** `down --rmi`. */
  'image.remove': { readonly reference: string };
  /** `network` and `volume` are keys of the project, `name` the engine name. */
  'network.create': { readonly network: string; readonly name: string };
  'network.remove': { readonly name: string };
  'volume.create': { readonly volume: string; readonly name: string };
  'volume.remove': { readonly name: string };
  /** The external program of a service with `provider:`. */
  'provider.run': { readonly service: string; readonly provider: string; readonly command: ProviderCommand };
  /** `service` and `number` select what is made; the executor derives the container spec from the project. */
  'container.create': {
    readonly service: string;
    /** 0: a one-off container (`run`). */
    readonly number: number;
    readonly name: string;
    readonly inheritFrom?: string;
    readonly oneOff?: { readonly useAliases: boolean; readonly autoRemove: boolean };
    /** The container of this `pre_start` hook; `replica`: whose volumes it shares, absent: the one that the plan makes. */
    readonly preStart?: { readonly index: number; readonly replica?: string };
  };
  'container.start': { readonly container: string; readonly name: string; readonly service: string };
  'container.stop': {
    readonly container: string;
    readonly name: string;
    readonly service: string;
    readonly timeoutMs?: number;
    /** A resume starts it again. */
    readonly isResumable?: boolean;
  };
  'container.kill': { readonly container: string; readonly name: string; readonly service: string; readonly signal: string };
  'container.remove': { readonly container: string; readonly name: string; readonly service: string; readonly volumes: boolean };
  'container.rename': { readonly container: string; readonly name: string; readonly service: string };
  'container.pause': { readonly container: string; readonly name: string; readonly service: string };
  'container.unpause': { readonly container: string; readonly name: string; readonly service: string };
  /** Waits; `required: false` turns a failure into a warning event and lets what comes after go on. */
  'container.await': {
    readonly container: string;
    readonly name: string;
    readonly service: string;
    readonly condition: AwaitCondition;
    readonly required: boolean;
    readonly timeoutMs?: number;
    readonly expectExitCode?: number;
    /** The container is that of a `pre_start` hook. */
    readonly preStart?: number;
  };
  /** A lifecycle hook: an exec in the container. */
  'container.hook': {
    readonly container: string;
    readonly name: string;
    readonly service: string;
    readonly hook: 'post_start' | 'pre_stop';
    readonly index: number;
  };
}

export type ActionKind = keyof ActionFields;

interface ActionBase {
  /** Counts from 1 in plan order; deterministic. */
  readonly id: number;
  /** Ids that must have finished before. */
  readonly after: readonly number[];
  readonly reason: Reason;
  /** Actions of one composite (recreate) share it; views fold a group into one line. */
  readonly group?: string;
  /** Destroys data: the caller asks before it executes. */
  readonly destructive?: true;
}

export type ActionOf<K extends ActionKind> = K extends ActionKind ? ActionBase & { readonly kind: K } & ActionFields[K] : never;
export type Action = ActionOf<ActionKind>;

export interface Plan {
  readonly project: string;
  /** `up`, `down`, `stop`, `start`, `restart`, … */
  readonly operation: string;
  readonly actions: readonly Action[];
  /** What is as it should be, with the reason why nothing is done: shown by `plan` and `up`. */
  readonly unchanged: readonly {
    readonly kind: 'container' | 'network' | 'volume';
    readonly name: string;
    readonly service?: string;
  }[];
}

export interface Planned {
  readonly plan: Plan;
  /** Errors stop execution before anything is touched. */
  readonly diagnostics: readonly Diagnostic[];
}
