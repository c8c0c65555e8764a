import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Span } from '#core/source/span.ts';
import type { BuildSession } from './build-session.ts';
import { findElsewhere } from './cache/find-elsewhere.ts';
import { findStep, saveStep } from './step-cache.ts';
import type { Performed, StepDone, StepRequest } from './step-request.ts';

/** Running one step: tells its output under its number. */
export interface StepRun {
  readonly number: number;
  readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** How a step is recognised and done. */
export interface StepWork {
  /** A key that costs little to find; where it is known the other is not asked for. */
  readonly quickKey?: string;
  readonly key: () => Promise<string>;
  readonly run: (run: StepRun) => Promise<Performed>;
}

/** Takes a step's result from the cache, or does it and remembers that. Tells what happens. */
export async function performStep(
  session: BuildSession,
  request: Pick<StepRequest, 'label' | 'stage' | 'step' | 'state'>,
  work: StepWork,
): Promise<StepDone> {
  const { database } = session.store;
  const { label: title, step } = request;
  const number = session.nextStep();
  const started = performance.now();
  const elapsedMs = (): number => performance.now() - started;
  const find = (key: string | undefined) =>
    key !== undefined && isCacheable(session, request) ? findStep(database, key) : undefined;
  try {
    let cached = find(work.quickKey);
    const keys = work.quickKey === undefined ? [] : [work.quickKey];
    if (cached === undefined) {
      keys.push(await work.key());
      cached = find(keys.at(-1));
    }
    const run: StepRun = {
      number,
      output: (stream, text) => session.emit({ type: 'output', step: number, stream, text, elapsedMs: elapsedMs() }),
    };
    if (cached === undefined && isCacheable(session, request))
      cached = await findElsewhere(session, request, { keys, again: () => work.run(run) });
    if (cached !== undefined) {
      session.doneSteps.push({ stage: request.stage.index, imageId: cached.imageId });
      session.emit({ type: 'step', step: number, title, state: 'cached' });
      return { state: { imageId: cached.imageId }, createdAt: dateOf(session, cached.createdAt) };
    }
    const key = keys.at(-1) ?? '';
    // Without the cache too: of two results of one step the cache would keep one, and the next build miss what was made on the other.
    const elsewhere = session.underWay.get(key);
    session.emit({ type: 'step', step: number, title, state: 'started' });
    const made =
      elsewhere ??
      work.run(run).then(({ imageId, sizeBytes }) => {
        const createdAt = session.now();
        for (const one of keys) saveStep(database, { key: one, imageId, title, sizeBytes, createdAt });
        return { imageId, createdAt };
      });
    session.underWay.set(key, made);
    const { imageId, createdAt } = await made;
    session.doneSteps.push({ stage: request.stage.index, imageId });
    session.emit({ type: 'step', step: number, title, state: 'done', elapsedMs: elapsedMs() });
    return { state: { imageId }, createdAt };
  } catch (error) {
    session.emit({ type: 'step', step: number, title, state: 'failed', elapsedMs: elapsedMs() });
    throw located(error, step.at);
  }
}

function dateOf(session: BuildSession, cachedAt: string): string {
  return session.request.sourceDateEpoch === undefined ? cachedAt : session.now();
}

function isCacheable(session: BuildSession, { stage }: Pick<StepRequest, 'stage'>): boolean {
  const { noCache, noCacheFilter } = session.request;
  return !noCache && !noCacheFilter.some((one) => one.toLowerCase() === stage.name || one === String(stage.index));
}

/** Diagnostics without a place get that of the instruction. */
function located(error: unknown, at: Span): unknown {
  if (!(error instanceof TscomposeError)) return error;
  return new TscomposeError(
    error.diagnostics.map((one) => (one.at === undefined ? { ...one, at } : one)),
    { cause: error },
  );
}
