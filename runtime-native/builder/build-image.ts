import { diagnose } from '#core/builder/catalogue.ts';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import type { BuildEvent, BuildRequest } from '#core/builder/request.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { explainFailure } from '../images/explain-failure.ts';
import { HelperError } from '../images/helper-client.ts';
import type { ImageStoreContext } from '../images/image-store-context.ts';
import { openWorkspace } from '../images/workspace.ts';
import { buildNetwork } from './build-network.ts';
import { buildPlatforms } from './build-platforms.ts';
import type { BuildSession } from './build-session.ts';
import { buildSuccessor } from './build-successor.ts';
import { finishImages } from './finish-images.ts';
import { openDockerfile } from './open-dockerfile.ts';
import { openSession } from './open-session.ts';
import { saveStamps } from './open-source.ts';
import { fetchContext, isRemote } from './remote-context.ts';
import { sweepBuilds } from './sweep-builds.ts';

/** Builds an image from a Dockerfile, for one platform or several. See `Engine.buildImage`. */
export async function buildImage(
  context: EngineContext,
  request: BuildRequest,
  options: { readonly emit: (event: BuildEvent) => void; readonly signal?: AbortSignal | undefined },
): Promise<ImageSummary> {
  const images = await context.images();
  const store: ImageStoreContext = {
    database: context.database,
    paths: context.paths,
    helper: context.programs.helper,
    env: context.env,
  };
  await sweepBuilds(context);
  await using workspace = openWorkspace(store);
  await using successor = buildSuccessor(context);
  await using network = buildNetwork(context);
  // A failing stage ends the others.
  const controller = new AbortController();
  const signal = options.signal === undefined ? controller.signal : AbortSignal.any([options.signal, controller.signal]);
  let names = 0;
  let steps = 0;
  const uniqueName = (kind: string): string => `${kind}-${++names}`;
  const fetched = isRemote(request.context)
    ? { ...request, context: await fetchContext({ store, workspace, signal, uniqueName, context }, request.context) }
    : request;
  const shared = {
    context,
    store,
    images,
    workspace,
    successor,
    network,
    signal,
    uniqueName,
    request: fetched,
    emit: options.emit,
    nextStep: () => ++steps,
    trees: new Map(),
    underWay: new Map(),
    resolving: new Map(),
  };
  const dockerfile = openDockerfile(fetched, fetched !== request);
  if (dockerfile.check.error) await refuseFindings(dockerfile, { images, args: Object.keys(request.args) });
  const [platform, ...otherPlatforms] = buildPlatforms(request);
  const first = await openSession(shared, { dockerfile, platform });
  const others = await Promise.all(otherPlatforms.map((one) => openSession(shared, { dockerfile, platform: one })));
  const sessions = [first, ...others];
  return await explainFailure(store, request.name, async () => {
    try {
      const built = async (session: BuildSession) => ({ session, stage: await session.stage(session.target) });
      const [one, ...more] = await Promise.all([built(first), ...others.map(built)]);
      const image = finishImages([one, ...more]);
      await exportCaches(sessions);
      return image;
    } catch (error) {
      controller.abort(error);
      // What still runs uses the workspace.
      await Promise.allSettled(sessions.flatMap((session) => [...session.stages.values()]));
      options.signal?.throwIfAborted();
      throw explained(request, error);
    } finally {
      await saveStamps(shared);
    }
  });
}

/** `# check=error=true`: what the rules find makes the build fail. */
async function refuseFindings(
  dockerfile: Dockerfile,
  { images, args }: { readonly images: BuildSession['images']; readonly args: readonly string[] },
): Promise<void> {
  const { lintDockerfile } = await import('#core/builder/lint.ts');
  const environmentOf = (base: string) => images.inspect(base)?.config.Env;
  const found = lintDockerfile(dockerfile, { args, environmentOf });
  if (found.length > 0) throw new TscomposeError(found.map((one) => ({ ...one, severity: 'error' })));
}

async function exportCaches(sessions: readonly BuildSession[]): Promise<void> {
  const [first] = sessions;
  if (first?.request.cacheTo?.some(({ type }) => type !== 'inline') !== true) return;
  const { exportCache } = await import('./cache/export-cache.ts');
  await exportCache({ ...first, doneSteps: sessions.flatMap((session) => session.doneSteps) }, first.target);
}

/** What the helper says of a context's files is the user's to mend. */
function explained(request: BuildRequest, error: unknown): unknown {
  if (!(error instanceof HelperError) || error.reason === 'no-space') return error;
  return new TscomposeError(diagnose('build.context-unusable', { context: request.context, reason: error.message }), {
    cause: error,
  });
}
