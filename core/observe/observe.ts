import type { Engine } from '../engine/engine.ts';
import type { Observed, ObserveQuery } from './observed.ts';

/** The reading phase: one consistent reading of the engine, nothing else. */
export function observe(engine: Engine, query: ObserveQuery, signal?: AbortSignal): Promise<Observed> {
  return engine.observe(query, signal);
}
