import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { BuildArguments } from '#core/builder/build-arguments.ts';
import { diagnose } from '#core/builder/catalogue.ts';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import { readDockerfile } from '#core/builder/dockerfile/read-dockerfile.ts';
import type { BuildEvent, BuildRequest } from '#core/builder/request.ts';
import { readStages, targetStage } from '#core/builder/stages.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ImageSummary } from '#core/engine/specs.ts';
import type { EngineContext } from '../engine-context.ts';
import { explainFailure } from '../images/explain-failure.ts';
import { HelperError } from '../images/helper-client.ts';
import type { ImageStoreContext } from '../images/image-store-context.ts';
import { hostPlatform, parsePlatform, platformFit } from '../images/platform.ts';
import { openWorkspace } from '../images/workspace.ts';
import { buildNetwork } from './build-network.ts';
import type { BuildSession, ForeignCache } from './build-session.ts';
import { buildSuccessor } from './build-successor.ts';
import type { foreignCache } from './cache/foreign-cache.ts';
import { finishImage } from './finish-image.ts';
import { saveStamps } from './open-source.ts';
import { fetchContext, isRemote } from './remote-context.ts';
import { resolveBelow } from './resolve-below.ts';
import { stageResult } from './stage-result.ts';
import { sweepBuilds } from './sweep-builds.ts';

/** Builds an image from a Dockerfile. See `Engine.buildImage`. */
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
  const uniqueName = (kind: string): string => `${kind}-${++names}`;
  const fetched = isRemote(request.context)
    ? { ...request, context: await fetchContext({ store, workspace, signal, uniqueName, context }, request.context) }
    : request;
  const dockerfile = openDockerfile(fetched, fetched !== request);
  const args = argumentsOf(request);
  const contextNames = new Set(Object.keys(request.contexts));
  const all = readStages(dockerfile, { args, contexts: contextNames });
  const target = targetStage(all, request.target);
  let steps = 0;
  const { sourceDateEpoch } = request;
  const basis = { context, store, workspace, request: fetched, platform: args.targetPlatform, signal, uniqueName };
  const session: BuildSession = {
    ...basis,
    images,
    args,
    all,
    contextNames,
    emit: options.emit,
    now: () => new Date(sourceDateEpoch === undefined ? Date.now() : sourceDateEpoch * 1000).toISOString(),
    nextStep: () => ++steps,
    network,
    successor,
    foreign: await openForeignCache(basis),
    doneSteps: [],
    trees: new Map(),
    stages: new Map(),
    stage: (index) => stageResult(session, index),
  };
  return await explainFailure(store, request.name, async () => {
    try {
      const image = finishImage(session, await session.stage(target), target);
      if (request.cacheTo?.some(({ type }) => type !== 'inline') === true)
        await (await import('./cache/export-cache.ts')).exportCache(session, target);
      return image;
    } catch (error) {
      controller.abort(error);
      // What still runs uses the workspace.
      await Promise.allSettled(session.stages.values());
      options.signal?.throwIfAborted();
      throw explained(request, error);
    } finally {
      await saveStamps(session);
    }
  });
}

/** The parts that talk to registries are loaded where they are needed. */
async function openForeignCache(basis: Parameters<typeof foreignCache>[0]): Promise<ForeignCache> {
  if ((basis.request.cacheFrom ?? []).length === 0) return { find: async () => undefined };
  return (await import('./cache/foreign-cache.ts')).foreignCache(basis);
}

/** What the helper says of a context's files is the user's to mend. */
function explained(request: BuildRequest, error: unknown): unknown {
  if (!(error instanceof HelperError) || error.reason === 'no-space') return error;
  return new TscomposeError(diagnose('build.context-unusable', { context: request.context, reason: error.message }), {
    cause: error,
  });
}

/** The Dockerfile's text with the name that messages show. */
export function openDockerfile(
  request: Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileText' | 'name'>,
  isForeign = false,
): Dockerfile {
  if (request.dockerfileText !== undefined) {
    return readDockerfile({ name: `${request.name}: dockerfile_inline`, path: undefined, text: request.dockerfileText });
  }
  const named = request.dockerfile ?? 'Dockerfile';
  // A repository must not make us read a file of this machine.
  const path = isForeign
    ? resolveBelow({ base: request.context, path: named, volume: request.name })
    : isAbsolute(named)
      ? named
      : join(request.context, named);
  if (!existsSync(path) || lstatSync(path).isDirectory())
    throw new TscomposeError(diagnose('build.dockerfile-not-found', { path }));
  const short = relative(process.cwd(), path);
  return readDockerfile({ name: short.startsWith('..') ? path : short, path, text: readFileSync(path, 'utf8') });
}

function argumentsOf(request: BuildRequest): BuildArguments {
  const own = platformText(hostPlatform());
  if (request.platform !== undefined && platformFit(hostPlatform(), parsePlatform(request.platform)) === 0) {
    const reason = `this machine is ${own}, and there is no emulation`;
    throw new TscomposeError(diagnose('build.unsupported', { what: `platform "${request.platform}"`, reason }));
  }
  const given = { ...request.args };
  return { given, buildPlatform: own, targetPlatform: request.platform ?? own, targetStage: request.target ?? '' };
}

function platformText({ os, architecture, variant }: { os: string; architecture: string; variant?: string }): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}
