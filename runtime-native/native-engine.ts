import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { Engine } from '#core/engine/engine.ts';

/** What `openNativeEngine` needs of its caller. */
export interface NativeEngineOptions {
  /** `TSCOMPOSE_ROOT` moves all state, `TSCOMPOSE_LIBEXEC` the native programs, `PATH` finds runtimes. */
  readonly env: NodeJS.ProcessEnv;
  /** Warnings that belong to no call's failure (ignored attributes, unpublished ports). */
  readonly onNotice: (diagnostic: Diagnostic) => void;
}

/** Opens the embedded engine: state database only, everything else on first use. Dispose it to let the launcher end. */
export function openNativeEngine(options: NativeEngineOptions): Promise<Engine> {
  void options;
  return Promise.reject(new Error('not built yet'));
}
