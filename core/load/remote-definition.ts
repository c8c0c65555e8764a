import type { Collector } from '../diagnostics/collector.ts';
import { TscomposeError } from '../diagnostics/error.ts';
import type { Span } from '../source/span.ts';
import { diagnose } from './catalogue.ts';

/** Fetches a definition; resolves with the absolute path of the compose file, in a directory with all that came with it. */
export type FetchDefinition = (reference: string) => Promise<string>;

/** Where definitions that are elsewhere (git repositories, OCI artifacts) have been put, while a model is loaded. */
export interface RemoteDefinitions {
  /** The local file of a reference; undefined: not there. Then it is noted, or reported when nothing can be fetched. */
  find(reference: string, collector: Collector, at?: Span): string | undefined;
  /** Fetches what `find` noted; resolves false when that was nothing. Throws `load.remote-failed`. */
  fetchWanted(): Promise<boolean>;
  /** References by local file. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Whether a reference to a compose file, as it is written, means one that has to be fetched. It never means a path: somebody
 * could have put a file there.
 */
export function isRemoteDefinition(written: string): boolean {
  return /^(oci|https?|ssh|git):\/\/|^git@|^github\.com\//i.test(written);
}

/** Nothing is fetched yet. Without `fetch` every reference is refused: `load.remote`. */
export function remoteDefinitions(fetch: FetchDefinition | undefined): RemoteDefinitions {
  const known = new Map<string, string>();
  const files = new Map<string, string>();
  const wanted = new Map<string, Span | undefined>();
  return {
    files,
    find(reference, collector, at) {
      const path = known.get(reference);
      if (path !== undefined) return path;
      if (fetch === undefined) collector.report(diagnose('load.remote', { reference }, at));
      else wanted.set(reference, wanted.get(reference) ?? at);
      return undefined;
    },
    async fetchWanted() {
      const missing = [...wanted];
      wanted.clear();
      if (fetch === undefined || missing.length === 0) return false;
      const fetched = missing.map(async ([reference, at]) => {
        const path = await fetch(reference).catch((error: unknown) => {
          throw explained(error, reference, at);
        });
        known.set(reference, path);
        files.set(path, reference);
      });
      await Promise.all(fetched);
      return true;
    },
  };
}

function explained(error: unknown, reference: string, at: Span | undefined): unknown {
  if (!(error instanceof TscomposeError)) return error;
  const [first] = error.diagnostics;
  const params = { reference, reason: first?.message ?? error.message, advice: first?.hint };
  return new TscomposeError(diagnose('load.remote-failed', params, at), { cause: error });
}
