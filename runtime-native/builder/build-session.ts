import type { BuildArguments } from '#core/builder/build-arguments.ts';
import type { BuildImage } from '#core/builder/build-image.ts';
import type { BuildEvent, BuildRequest } from '#core/builder/request.ts';
import type { Stages } from '#core/builder/stages.ts';
import type { EngineContext } from '../engine-context.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { ImageStoreContext } from '../images/image-store-context.ts';
import type { Workspace } from '../images/workspace.ts';
import type { BuildNetwork } from './build-network.ts';
import type { BuildSuccessor } from './build-successor.ts';
import type { CacheStep } from './cache/cache-document.ts';
import type { SourceTree } from './source-tree.ts';
import type { CachedStep } from './step-cache.ts';

/** What the parts of one build share. */
export interface BuildSession {
  readonly context: EngineContext;
  readonly store: ImageStoreContext;
  readonly images: ImageStore;
  readonly workspace: Workspace;
  readonly request: BuildRequest;
  readonly args: BuildArguments;
  readonly all: Stages;
  readonly contextNames: ReadonlySet<string>;
  /** `os/architecture[/variant]` of the image. */
  readonly platform: string;
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
  /** RFC 3339; of everything that is made now. */
  readonly now: () => string;
  /** A name that nothing else in the workspace has. */
  readonly uniqueName: (kind: string) => string;
  readonly nextStep: () => number;
  /** The context and named contexts, scanned once. */
  readonly trees: Map<string, Promise<SourceTree>>;
  readonly network: BuildNetwork;
  /** Armed before anything outside the workspace is made. */
  readonly successor: BuildSuccessor;
  readonly foreign: ForeignCache;
  /** Results of steps that are being made now, by cache key: what several platforms or stages share is done once. */
  readonly underWay: Map<string, Promise<CachedStep>>;
  /** Look-ups of images by reference. */
  readonly resolving: Map<string, Promise<unknown>>;
  /** Stage that is built. */
  readonly target: number;
  /** Steps that were done or found, in the order in which they were ready. */
  readonly doneSteps: DoneStep[];
  /** Stages by index that were begun. */
  readonly stages: Map<number, Promise<BuiltStage>>;
  /** A stage, built when somebody needs it and then once. */
  readonly stage: (index: number) => Promise<BuiltStage>;
}

/** Files of a build between two steps. */
export interface BuildState {
  /** Image of the store with these layers; undefined: no files at all. */
  readonly imageId: string | undefined;
}

export interface BuiltStage extends BuildState {
  /** `os/architecture[/variant]` of its programs. */
  readonly platform: string;
  readonly image: BuildImage;
}

/** A step that this build has done or found, with the stage that it belongs to. */
export interface DoneStep {
  readonly stage: number;
  readonly imageId: string;
}

/** What other machines have done (`cache_from`). */
export interface ForeignCache {
  /**
   * The result of a step with one of these keys on files with this chain id (undefined: none), brought into the store. What cannot be
   * read, or is not what it says it is, is told once and then left alone.
   */
  readonly find: (keys: readonly string[], parent: string | undefined) => Promise<ForeignState | undefined>;
}

export interface ForeignState {
  readonly imageId: string;
  readonly step: CacheStep;
  /** Says that what came is wrong, and leaves this cache alone from now on. */
  readonly distrust: (reason: string) => void;
}
