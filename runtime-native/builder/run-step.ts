import { diagnose } from '#core/builder/catalogue.ts';
import type { RunStep } from '#core/builder/step.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { BuildSession } from './build-session.ts';
import { filesId } from './image-layers.ts';
import { performStep } from './perform-step.ts';
import { runMountsKey } from './run-mounts.ts';
import { cacheKey } from './step-cache.ts';
import type { StepDone, StepRequest } from './step-request.ts';

/** RUN: a container of the engine on the files so far; what it changes becomes a layer. */
export function runStep(session: BuildSession, request: StepRequest<RunStep>): Promise<StepDone> {
  const { step, state } = request;
  checkEntitlements(session, step);
  const { at: _at, title: _title, createdBy: _createdBy, quietEnv: _quietEnv, mounts: _mounts, ...definition } = step;
  return performStep(session, request, {
    key: async () =>
      cacheKey(
        'run',
        filesId(session.store, state.imageId),
        definition,
        await runMountsKey(session, step),
        session.request.network ?? '',
      ),
    // Most steps of most builds come from the cache.
    run: async (run) => (await import('./run-in-container.ts')).runInContainer(session, request, run),
  });
}

function checkEntitlements(session: BuildSession, { network, security, at }: RunStep): void {
  const { entitlements } = session.request;
  if (network === 'host' && !entitlements.includes('network.host')) {
    throw new TscomposeError(diagnose('build.not-entitled', { what: 'RUN --network=host', entitlement: 'network.host' }, at));
  }
  if (security === 'insecure' && !entitlements.includes('security.insecure')) {
    throw new TscomposeError(
      diagnose('build.not-entitled', { what: 'RUN --security=insecure', entitlement: 'security.insecure' }, at),
    );
  }
}
