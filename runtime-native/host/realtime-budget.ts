import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const defaultPeriodUs = 1_000_000;

/**
 * Gives the groups above a container enough real-time budget for it and for the containers that have some already: a new group
 * has none, and a child cannot have more than its parent. cgroups v1. Throws what the kernel says when the machine has no more.
 */
export function raiseRealtimeBudget(request: {
  /** Mount point of the cpu controller. */
  readonly mount: string;
  /** Group above the container's, relative. */
  readonly parent: string;
  /** Name of the container's own group. */
  readonly child: string;
  readonly runtimeUs: number;
  readonly periodUs: number | undefined;
}): void {
  const parts = request.parent.split('/').filter(Boolean);
  const directories = parts.map((_, depth) => join(request.mount, ...parts.slice(0, depth + 1)));
  mkdirSync(directories.at(-1) ?? request.mount, { recursive: true });
  const needs: (readonly [directory: string, share: number])[] = [];
  let below = { name: request.child, share: request.runtimeUs / (request.periodUs ?? defaultPeriodUs) };
  for (const directory of directories.toReversed()) {
    const others = readdirSync(directory, { withFileTypes: true }).filter((one) => one.isDirectory() && one.name !== below.name);
    const sum = others.reduce((total, one) => total + shareOf(join(directory, one.name)), below.share);
    below = { name: basename(directory), share: Math.max(shareOf(directory), sum) };
    needs.unshift([directory, below.share]);
  }
  for (const [directory, share] of needs) {
    const neededUs = Math.ceil(share * periodOf(directory));
    if (runtimeOf(directory) < neededUs) writeFileSync(join(directory, 'cpu.rt_runtime_us'), String(neededUs));
  }
}

function shareOf(directory: string): number {
  return Math.max(0, runtimeOf(directory)) / periodOf(directory);
}

function runtimeOf(directory: string): number {
  return Number(readFileSync(join(directory, 'cpu.rt_runtime_us'), 'utf8'));
}

function periodOf(directory: string): number {
  return Number(readFileSync(join(directory, 'cpu.rt_period_us'), 'utf8'));
}
