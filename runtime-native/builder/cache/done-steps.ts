import type { BuildSession, DoneStep } from '../build-session.ts';
import { imageLayers } from '../image-layers.ts';
import type { CacheStep } from './cache-document.ts';

/** What an image tells of the steps that made it (`type=inline`): how many of its layers each has, and its keys. */
export function inlineSteps(
  session: Pick<BuildSession, 'store' | 'all' | 'doneSteps' | 'request'>,
  target: number,
): readonly CacheStep[] | undefined {
  if (session.request.cacheTo?.some(({ type }) => type === 'inline') !== true) return undefined;
  return stepsOf(session, target).flatMap((one) =>
    describeStep(session, one.imageId, imageLayers(session.store, one.imageId).length - 1),
  );
}

/** Steps of a stage and of those that it begins with. */
export function stepsOf({ all, doneSteps }: Pick<BuildSession, 'all' | 'doneSteps'>, target: number): readonly DoneStep[] {
  const stages = new Set<number>();
  for (let at: number | undefined = target; at !== undefined; ) {
    stages.add(at);
    const base: (typeof all.stages)[number]['base'] | undefined = all.stages[at]?.base;
    at = base?.kind === 'stage' ? base.index : undefined;
  }
  return doneSteps.filter(({ stage }) => stages.has(stage));
}

/** All keys that are known to lead to a state. */
export function describeStep({ store }: Pick<BuildSession, 'store'>, imageId: string, layer: number): readonly CacheStep[] {
  const rows = store.database.prepare('SELECT * FROM build_cache WHERE image = ? ORDER BY key').all(imageId);
  const [first] = rows;
  if (first === undefined || layer < 0) return [];
  return [
    {
      keys: rows.map((row) => String(row['key'])),
      layer,
      title: String(first['title']),
      createdAt: String(first['created_at']),
      sizeBytes: Number(first['size_bytes']),
    },
  ];
}
