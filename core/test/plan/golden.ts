import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryEngineOptions } from '#core/engine/memory-engine.ts';
import type { UpOptions } from '#core/plan/options.ts';
import { planned, projectOf, type World, worldOf } from './stack.ts';

export interface GoldenCase {
  /** Brought up first, with `beforeOptions`; absent: an empty world. */
  readonly before?: string;
  readonly beforeOptions?: Partial<UpOptions>;
  /** What happens between: to the engine, behind the project's back. */
  readonly change?: (world: World) => Promise<void> | void;
  /** Planned; absent: `before` again. */
  readonly file?: string;
  readonly options?: Partial<UpOptions>;
  readonly engine?: MemoryEngineOptions;
}

/** A test that compares the text of a plan. */
export function golden(
  name: string,
  { before, beforeOptions, change, file, options, engine }: GoldenCase,
  expected: string,
): void {
  test(name, async () => {
    const world = worldOf(engine);
    await using _engine = world.engine;
    if (before !== undefined) await world.up(projectOf(before), beforeOptions);
    await change?.(world);
    const text = planned(await world.plan(projectOf(file ?? before ?? ''), options));
    assert.is(text.trimEnd(), expected.replaceAll(/^ {4}/gm, '').trim());
  });
}

/** The id of a container by its name. */
export async function idOf(world: World, name: string): Promise<string> {
  const found = (await world.engine.listContainers()).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found.id;
}
