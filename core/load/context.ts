import type { Collector } from '../diagnostics/collector.ts';
import type { SourceFile } from '../source/span.ts';
import type { MapNode } from '../source/tree.ts';
import type { RemoteDefinitions } from './remote-definition.ts';

export type Environment = ReadonlyMap<string, string>;

/** What the passes over one model (the project's, or that of an include) share. */
export interface LoadContext {
  readonly collector: Collector;
  readonly sources: Sources;
  readonly remotes: RemoteDefinitions;
  /** Base of relative paths; relative itself while an include or a file of `extends` is loaded. */
  readonly workingDir: string;
  /** Absolute directory in which relative references to other files are looked up. */
  readonly lookupDir: string;
  readonly environment: Environment;
  readonly interpolates: boolean;
  readonly resolvesPaths: boolean;
  /** Validation (schema, values) is skipped while only variables are collected. */
  readonly validates: boolean;
  /** Absolute paths of the files that are being included now, outermost first. */
  readonly including: readonly string[];
}

/** What the passes over one document of one file know besides. */
export interface DocumentContext extends LoadContext {
  readonly file: SourceFile;
  /** What earlier files and documents have made. */
  readonly accumulated: MapNode;
  /** Places that this document's `!reset` and `!override` tags clear in what lies below them. */
  readonly cleared: readonly (readonly string[])[];
}

export type ModelPass = (tree: MapNode, context: LoadContext) => MapNode;
export type DocumentPass = (tree: MapNode, context: DocumentContext) => MapNode;

/** Reads files, each once. */
export interface Sources {
  read(path: string): SourceFile | { readonly reason: string };
  isFile(path: string): boolean;
  /** Whether a file that was read held bytes that are no text. */
  isDamaged(file: SourceFile): boolean;
}
