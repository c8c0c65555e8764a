import type { ContainerUsage } from '#core/engine/usage.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import type { TemplateFields } from './go-template.ts';
import { binarySizeText, sizeText } from './sizes.ts';

/** Two readings of one container; the second alone when there was none before. */
export interface UsageReading {
  readonly container: ObservedContainer;
  readonly before?: ContainerUsage | undefined;
  /** Absent: it does not run. */
  readonly now: ContainerUsage | undefined;
}

/** Header and fields of Docker's `stats` table. */
export const usageHeader = 'CONTAINER ID,NAME,CPU %,MEM USAGE / LIMIT,MEM %,NET I/O,BLOCK I/O,PIDS'.split(',');
export const usageFields = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'] as const;

/** All fields that `stats` can show, keys in the order of Docker's JSON. */
export function usageRow({ container, before, now }: UsageReading, options: { readonly truncate: boolean }): TemplateFields {
  const id = options.truncate ? container.id.slice(0, 12) : container.id;
  const names = { Container: id, ID: id, Name: container.name };
  if (now === undefined) {
    return sorted({ ...names, BlockIO: '--', CPUPerc: '--', MemPerc: '--', MemUsage: '-- / --', NetIO: '--', PIDs: '--' });
  }
  return sorted({
    ...names,
    BlockIO: `${sizeText(now.readBytes, 3)} / ${sizeText(now.writtenBytes, 3)}`,
    CPUPerc: `${cpuPercent(before, now).toFixed(2)}%`,
    MemPerc: `${((now.memoryBytes * 100) / Math.max(1, now.memoryLimitBytes)).toFixed(2)}%`,
    MemUsage: `${binarySizeText(now.memoryBytes)} / ${binarySizeText(now.memoryLimitBytes)}`,
    NetIO: `${sizeText(now.receivedBytes, 3)} / ${sizeText(now.sentBytes, 3)}`,
    PIDs: String(now.processes),
  });
}

/** Of one processor; two that are busy are 200 %. */
function cpuPercent(before: ContainerUsage | undefined, now: ContainerUsage): number {
  if (before === undefined || now.takenAtMs <= before.takenAtMs) return 0;
  return Math.max(0, ((now.cpuMs - before.cpuMs) * 100) / (now.takenAtMs - before.takenAtMs));
}

function sorted(fields: TemplateFields): TemplateFields {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
