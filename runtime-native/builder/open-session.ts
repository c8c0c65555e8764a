import type { BuildArguments } from '#core/builder/build-arguments.ts';
import type { Dockerfile } from '#core/builder/dockerfile/instruction.ts';
import { readStages, targetStage } from '#core/builder/stages.ts';
import { ownPlatform } from './build-platforms.ts';
import type { BuildSession, ForeignCache } from './build-session.ts';
import type { foreignCache } from './cache/foreign-cache.ts';
import { stageResult } from './stage-result.ts';

/** What the builds for several platforms have in common. */
type Shared = Pick<
  BuildSession,
  | 'context'
  | 'store'
  | 'images'
  | 'workspace'
  | 'successor'
  | 'network'
  | 'signal'
  | 'uniqueName'
  | 'request'
  | 'emit'
  | 'nextStep'
  | 'trees'
  | 'underWay'
  | 'resolving'
>;

/** The build for one platform; nothing is begun. Throws `build.*` for stages that cannot be told. */
export async function openSession(
  shared: Shared,
  { dockerfile, platform }: { readonly dockerfile: Dockerfile; readonly platform: string },
): Promise<BuildSession> {
  const { request } = shared;
  const { sourceDateEpoch, target = '' } = request;
  const args: BuildArguments = {
    given: { ...request.args },
    buildPlatform: ownPlatform(),
    targetPlatform: platform,
    targetStage: target,
  };
  const contextNames = new Set(Object.keys(request.contexts));
  const all = readStages(dockerfile, { args, contexts: contextNames });
  const basis = { ...shared, platform };
  const session: BuildSession = {
    ...basis,
    args,
    all,
    contextNames,
    target: targetStage(all, request.target),
    now: () => new Date(sourceDateEpoch === undefined ? Date.now() : sourceDateEpoch * 1000).toISOString(),
    foreign: await openForeignCache(basis),
    doneSteps: [],
    stages: new Map(),
    stage: (index) => stageResult(session, index),
  };
  return session;
}

/** The parts that talk to registries are loaded where they are needed. */
async function openForeignCache(basis: Parameters<typeof foreignCache>[0]): Promise<ForeignCache> {
  if ((basis.request.cacheFrom ?? []).length === 0) return { find: async () => undefined };
  return (await import('./cache/foreign-cache.ts')).foreignCache(basis);
}
