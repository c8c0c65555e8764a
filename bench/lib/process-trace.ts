import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Processes that were made, programs that they started, and their ends, as the kernel saw them, on the clock of `process.hrtime`. */
export interface ProcessEvent {
  readonly kind: 'fork' | 'exec' | 'exit';
  readonly pid: number;
  readonly atMs: number;
  /** Of an exec. */
  readonly file: string;
  /** Of a fork. */
  readonly child: number;
}

export interface ProcessTrace extends Disposable {
  /** Forgets what was recorded. */
  clear(): void;
  read(): readonly ProcessEvent[];
}

/** Records exec and exit of all processes of the machine in a buffer of its own of the kernel's tracing. Needs root. */
export function traceProcesses(directory: string): ProcessTrace {
  const mount = join(directory, 'tracing');
  mkdirSync(mount);
  must('mount', '-t', 'tracefs', 'tracefs', mount);
  const instance = join(mount, 'instances', `tscompose-${process.pid}`);
  const set = (file: string, value: string): void => writeFileSync(join(instance, file), value);
  mkdirSync(instance);
  set('trace_clock', 'mono');
  for (const one of kinds) set(`events/sched/sched_process_${one}/enable`, '1');
  return {
    clear: () => set('trace', ''),
    read: () => readFileSync(join(instance, 'trace'), 'utf8').split('\n').flatMap(parseEvent),
    [Symbol.dispose]() {
      for (const one of kinds) set(`events/sched/sched_process_${one}/enable`, '0');
      rmdirSync(instance);
      must('umount', mount);
    },
  };
}

/** The events of a process and of all that descend from it. */
export function descending(events: readonly ProcessEvent[], pid: number): readonly ProcessEvent[] {
  const family = new Set([pid]);
  for (const one of events) if (one.kind === 'fork' && family.has(one.pid)) family.add(one.child);
  return events.filter((one) => family.has(one.pid));
}

const kinds = ['fork', 'exec', 'exit'] as const;
const pattern = /\s(\d+\.\d+): sched_process_(fork|exec|exit): (?:filename=(\S+) |comm=.*? )pid=(\d+)(?:.* child_pid=(\d+))?/;

function parseEvent(line: string): readonly ProcessEvent[] {
  const [, seconds, word, file = '', pid, child] = pattern.exec(line) ?? [];
  const kind = kinds.find((one) => one === word);
  return kind === undefined ? [] : [{ kind, pid: Number(pid), atMs: Number(seconds) * 1000, file, child: Number(child ?? 0) }];
}

function must(...[program = '', ...argv]: readonly string[]): void {
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')}: ${stderr}`);
}
