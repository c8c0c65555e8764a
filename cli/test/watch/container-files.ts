import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { supervisorStatus } from '../scenario/supervisor-status.ts';
import { type Check, eventually, type World } from '../scenario.ts';

/** What watch scenarios wait at most for anything: other tests may keep the machine busy. */
export const patienceMs = 40_000;

/** Waits until a file of a service's first container has this content; undefined: until it is gone. No command runs for it. */
export function holds(service: string, path: string, content: string | RegExp | undefined): Check {
  return eventually(async (world) => {
    const text = await readInside(world, { service, path });
    if (content instanceof RegExp) assert.match(text ?? '', content, `${path} in ${service}`);
    else assert.is(text, content, `${path} in ${service}`);
  }, patienceMs);
}

/** Host path of a container's root, as its first process sees it. */
export async function rootOf(world: World, service: string): Promise<string> {
  const key = `${world.root} ${service}`;
  const known = roots.get(key);
  if (known !== undefined && existsSync(known)) return known;
  const { pid } = await supervisorStatus(world, service);
  const root = `/proc/${pid}/root`;
  roots.set(key, root);
  return root;
}

const roots = new Map<string, string>();

async function readInside(world: World, file: { readonly service: string; readonly path: string }): Promise<string | undefined> {
  try {
    return readFileSync(join(await rootOf(world, file.service), file.path), 'utf8');
  } catch (error) {
    // Not there (yet), or the container has just ended.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
