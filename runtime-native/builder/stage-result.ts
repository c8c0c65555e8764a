import type { HistoryEntry } from '#core/builder/build-image.ts';
import { evaluateStage } from '#core/builder/evaluate-stage.ts';
import type { Stage } from '#core/builder/stages.ts';
import type { Step } from '#core/builder/step.ts';
import { resolveImage, scratchStage } from './base-image.ts';
import type { BuildSession, BuildState, BuiltStage } from './build-session.ts';
import { copyFilesStep } from './copy-step.ts';
import { imageContext } from './open-source.ts';
import { runStep } from './run-step.ts';
import type { StepDone, StepRequest } from './step-request.ts';
import { workdirStep } from './workdir-step.ts';

/** A stage, built when somebody needs it and then once. */
export function stageResult(session: BuildSession, index: number): Promise<BuiltStage> {
  const known = session.stages.get(index);
  if (known !== undefined) return known;
  const stage = session.all.stages[index];
  if (stage === undefined) throw new Error(`there is no stage ${index}`);
  const made = buildStage(session, stage);
  session.stages.set(index, made);
  // Stages that nobody waits for yet must not count as unhandled when they fail.
  made.catch(() => {});
  return made;
}

async function buildStage(session: BuildSession, stage: Stage): Promise<BuiltStage> {
  const { all, args } = session;
  const base = await baseOf(session, stage);
  const { steps, image, stepHistory } = evaluateStage({ all, stage, base: base.image, args, contexts: session.contextNames });
  prefetch(session, steps);
  const prefix =
    session.request.allPlatforms === true && (session.request.platforms?.length ?? 0) > 1 ? `${session.platform} ` : '';
  const history: HistoryEntry[] = [...image.history];
  let state: BuildState = base;
  for (const [index, step] of steps.entries()) {
    const label = `[${prefix}${stage.name === undefined ? '' : `${stage.name} `}${index + 2}/${steps.length + 1}] ${step.title}`;
    const done = await doStep(session, { step, state, label, stage, platform: base.platform });
    state = done.state;
    const at = stepHistory[index] ?? 0;
    history[at] = { created: done.createdAt, ...history[at] };
  }
  return { ...state, platform: base.platform, image: { ...image, history: dated(history, base.image.history.length) } };
}

async function baseOf(session: BuildSession, stage: Stage): Promise<BuiltStage> {
  const { base } = stage;
  const platform = stage.platform ?? session.platform;
  switch (base.kind) {
    case 'scratch':
      return scratchStage(platform);
    case 'stage': {
      return session.stage(base.index);
    }
    case 'named': {
      const reference = imageContext(session.request.contexts[base.name] ?? '');
      return resolveImage(session, reference ?? base.name, platform);
    }
    case 'image':
      return resolveImage(session, base.reference, platform);
  }
}

/** Stages that a step will copy from begin now, beside this one. */
function prefetch(session: BuildSession, steps: readonly Step[]): void {
  for (const step of steps) {
    const origins =
      step.kind === 'copy'
        ? [step.from]
        : step.kind === 'run'
          ? step.mounts.flatMap((one) => ('from' in one ? one.from : undefined) ?? [])
          : [];
    for (const origin of origins) if (origin.kind === 'stage') void session.stage(origin.index);
  }
}

function doStep(session: BuildSession, { step, ...rest }: StepRequest): Promise<StepDone> {
  session.signal.throwIfAborted();
  switch (step.kind) {
    case 'run':
      return runStep(session, { ...rest, step });
    case 'copy':
      return copyFilesStep(session, { ...rest, step });
    case 'workdir':
      return workdirStep(session, { ...rest, step });
  }
}

/** Entries that made no files are as old as what stands before them, so that the same build gives the same image. */
function dated(history: readonly HistoryEntry[], inherited: number): readonly HistoryEntry[] {
  const firstNew = history.slice(inherited).find((one) => one.created !== undefined)?.created;
  const before = history.slice(0, inherited).findLast((one) => one.created !== undefined)?.created;
  let last = firstNew ?? before;
  return history.map((entry, index) => {
    if (index < inherited) return entry;
    if (entry.created !== undefined) last = entry.created;
    return last === undefined ? entry : { created: last, ...entry };
  });
}
