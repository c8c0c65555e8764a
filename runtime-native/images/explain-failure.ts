import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import { HelperError } from './helper-client.ts';
import { invalid } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';

const sqliteFull = 13;

/** Runs `body`; what the archive `source` or a full disk causes becomes a diagnostic, the rest passes unchanged. */
export async function explainFailure<T>(context: ImageStoreContext, source: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isDiskFull(error)) throw new TscomposeError(diagnose('engine.disk-full', { path: context.paths.root }), { cause: error });
    if (error instanceof HelperError && (error.reason === 'archive' || error.reason === 'limit'))
      throw invalid(source, error.message);
    if (isMissing(error, source)) throw invalid(source, 'there is no such file');
    throw error;
  }
}

function isDiskFull(error: unknown): boolean {
  if (error instanceof HelperError) return error.reason === 'no-space';
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return 'errcode' in error && error.errcode === sqliteFull;
}

function isMissing(error: unknown, source: string): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error && error.path === source;
}
