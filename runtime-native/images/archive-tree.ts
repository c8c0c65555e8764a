import { explainFailure } from './explain-failure.ts';
import { runHelper } from './helper-client.ts';
import type { ImageStoreContext } from './image-store-context.ts';

export interface TreeArchive {
  /** For messages. */
  readonly source: string;
  /** Overlay directories, topmost first. */
  readonly directories: readonly string[];
  readonly output: NodeJS.WritableStream;
  readonly signal?: AbortSignal | undefined;
}

/** Writes what an overlay of directories shows as one plain tar archive. Only memory of a fixed size is used. */
export async function archiveTree(context: ImageStoreContext, request: TreeArchive): Promise<void> {
  const { directories, output, signal } = request;
  await explainFailure(context, request.source, async () => {
    await runHelper({ op: 'pack', lower: directories }, { helper: context.helper, output, signal });
  });
}
