import type { Span } from '../source/span.ts';

/** Where files come from: the main context, an earlier stage, a named context, or an image. */
export type Origin =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'image'; readonly reference: string };

interface StepBase {
  /** `RUN make`, as progress and errors show it. */
  readonly title: string;
  readonly at: Span;
  /** `created_by` of the image's history. */
  readonly createdBy: string;
}

/** One instruction that makes files; everything in it is expanded. Plain data, so that its digest is part of the cache key. */
export type Step = RunStep | CopyStep | WorkdirStep;

export interface RunStep extends StepBase {
  readonly kind: 'run';
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** Not part of the cache key: predefined proxy arguments. */
  readonly quietEnv: readonly string[];
  readonly user: string;
  readonly workdir: string;
  readonly mounts: readonly RunMount[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  /** A heredoc with an interpreter line: it is put here and run. */
  readonly script?: { readonly path: string; readonly content: string };
}

export type RunMount =
  | {
      readonly type: 'bind';
      readonly target: string;
      readonly from: Origin;
      readonly source: string;
      readonly writable: boolean;
    }
  | {
      readonly type: 'cache';
      readonly target: string;
      readonly id: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly from?: Origin;
      readonly source: string;
      readonly readOnly: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes?: number }
  | {
      readonly type: 'secret';
      readonly id: string;
      readonly target?: string;
      readonly env?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: 'ssh';
      readonly id: string;
      readonly target?: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

export type CopySource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'inline'; readonly name: string; readonly content: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string };

export interface CopyStep extends StepBase {
  readonly kind: 'copy';
  readonly from: Origin;
  readonly sources: readonly CopySource[];
  /** Absolute; a trailing slash says that it is a directory. */
  readonly dest: string;
  /** `user[:group]`, names or numbers. */
  readonly chown?: string;
  /** Octal or symbolic. */
  readonly chmod?: string;
  readonly link: boolean;
  /** Keeps the directories of the sources' paths; `/./` marks where they begin. */
  readonly parents: boolean;
  readonly excludes: readonly string[];
  /** ADD: local tar archives are unpacked; with URLs only when asked. */
  readonly unpack: 'never' | 'local' | 'always';
  readonly checksum?: string;
  readonly keepGitDir: boolean;
}

export interface WorkdirStep extends StepBase {
  readonly kind: 'workdir';
  readonly path: string;
  readonly user: string;
}
