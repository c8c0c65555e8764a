import type { ContainerProcess } from '#core/engine/usage.ts';
import { type TableStyle, tableText } from './table.ts';

/** Docker Compose's table of processes. */
const topStyle: TableStyle = { min: 4, gap: 2 };

/** The columns of `ps -ef`, behind service and replica. */
const header = ['SERVICE', '#', 'UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'];

/** All processes of all containers in one table; empty when there are none. */
export function processTable(
  containers: readonly { readonly service: string; readonly number: number; readonly processes: readonly ContainerProcess[] }[],
  nowMs: number,
): string {
  const rows = containers.flatMap(({ service, number, processes }) =>
    processes.map((one) => [service, String(number), ...processRow(one, nowMs)]),
  );
  return rows.length === 0 ? '' : tableText([header, ...rows], topStyle);
}

function processRow(process: ContainerProcess, nowMs: number): readonly string[] {
  const ageMs = Math.max(1, nowMs - process.startedAtMs);
  return [
    process.userName ?? String(process.uid),
    String(process.pid),
    String(process.parentPid),
    String(Math.min(99, Math.floor((process.cpuMs * 100) / ageMs))),
    startText(process.startedAtMs, nowMs),
    process.terminal ?? '?',
    clockText(process.cpuMs),
    process.command,
  ];
}

/** `14:05` today, `Nov24` this year, else the year. */
function startText(startedAtMs: number, nowMs: number): string {
  const [start, now] = [new Date(startedAtMs), new Date(nowMs)];
  if (start.toDateString() === now.toDateString() || nowMs - startedAtMs < 24 * 3600 * 1000) {
    return `${two(start.getHours())}:${two(start.getMinutes())}`;
  }
  if (start.getFullYear() !== now.getFullYear()) return String(start.getFullYear());
  return `${start.toLocaleString('en-US', { month: 'short' })}${two(start.getDate())}`;
}

/** `01:02:03`. */
function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
