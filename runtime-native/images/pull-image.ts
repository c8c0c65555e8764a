import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ImageSummary, PullProgress } from '#core/engine/specs.ts';
import type { ImageStoreContext } from './image-store-context.ts';

export interface PullRequest {
  readonly reference: string;
  readonly platform?: string | undefined;
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

export async function pullImage(_context: ImageStoreContext, request: PullRequest): Promise<ImageSummary> {
  throw new TscomposeError(diagnose('engine.pull-failed', { reference: request.reference, reason: 'pulling is not there yet' }));
}
