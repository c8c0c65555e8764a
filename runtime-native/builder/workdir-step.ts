import type { WorkdirStep } from '#core/builder/step.ts';
import { runHelper } from '../images/helper-client.ts';
import type { BuildSession } from './build-session.ts';
import { commitState } from './commit-state.ts';
import { filesId } from './image-layers.ts';
import { openOverlay } from './overlay.ts';
import { ownerOf } from './owner.ts';
import { performStep } from './perform-step.ts';
import { cacheKey } from './step-cache.ts';
import type { StepDone, StepRequest } from './step-request.ts';

/** WORKDIR: makes the directory, owned by the user of the moment; one that exists stays as it is. */
export function workdirStep(session: BuildSession, request: StepRequest<WorkdirStep>): Promise<StepDone> {
  const { step, state } = request;
  return performStep(session, request, {
    key: async () => cacheKey('workdir', filesId(session.store, state.imageId), step.path, step.user),
    run: async () => {
      const overlay = openOverlay(session, state);
      const owner = await ownerOf(session, state, step.user === '' ? '0:0' : step.user);
      const { helper } = session.store;
      const jobs = [['m', '', step.path.slice(1), 0o755]] as const;
      await runHelper({ op: 'place', target: overlay, ...owner, jobs }, { helper, signal: session.signal });
      return commitState(session, { parent: state.imageId, upper: overlay.upper, givesUpper: true });
    },
  });
}
