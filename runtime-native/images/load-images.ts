import type { ImageSummary } from '#core/engine/specs.ts';
import { invalid } from './image-document.ts';
import type { ImageStoreContext } from './image-store-context.ts';

export interface LoadRequest {
  readonly path: string;
  readonly onProgress: (progress: {
    readonly reference: string;
    readonly doneBytes: number;
    readonly totalBytes: number;
  }) => void;
  readonly signal?: AbortSignal | undefined;
}

export async function loadImages(_context: ImageStoreContext, request: LoadRequest): Promise<readonly ImageSummary[]> {
  throw invalid(request.path, 'loading is not there yet');
}
