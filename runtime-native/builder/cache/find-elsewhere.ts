import type { BuildSession } from '../build-session.ts';
import { filesId } from '../image-layers.ts';
import { type CachedStep, saveStep } from '../step-cache.ts';
import type { Performed, StepRequest } from '../step-request.ts';
import { dropState, sameFiles } from './same-files.ts';

/**
 * The result of a step that a `cache_from` has; it is this machine's from now on. The list of a cache may be wrong or a lie: what is
 * only copied is done here too (`again`), and must be the same files; what RUN made cannot be told from what it might have made.
 */
export async function findElsewhere(
  session: BuildSession,
  request: Pick<StepRequest, 'label' | 'state' | 'step'>,
  { keys, again }: { readonly keys: readonly string[]; readonly again: () => Promise<Performed> },
): Promise<CachedStep | undefined> {
  const { imageId: parent } = request.state;
  const found = await session.foreign.find(keys, parent === undefined ? undefined : filesId(session.store, parent));
  if (found === undefined) return undefined;
  const { createdAt, sizeBytes } = found.step;
  if (request.step.kind !== 'run') {
    const own = await again();
    if (!(await sameFiles(session, own.imageId, found.imageId))) {
      found.distrust(`"${request.step.title}" has other files than are copied here`);
      return keep({ ...own, createdAt: session.now() });
    }
    if (own.imageId !== found.imageId) dropState(session, own.imageId);
  }
  return keep({ imageId: found.imageId, sizeBytes, createdAt });

  function keep(state: Performed & { readonly createdAt: string }): CachedStep {
    for (const key of keys) saveStep(session.store.database, { key, title: request.label, ...state });
    return { imageId: state.imageId, createdAt: state.createdAt };
  }
}
