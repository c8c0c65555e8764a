import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { TimedCommand } from './timed.ts';

export interface MeasuredRun {
  readonly ms: number;
  /** Largest resident memory of the command with all its children at one moment, looked at every 20 ms. */
  readonly peakMegabytes: number;
}

/** Runs a command to its end, measuring; `alsoPid` (a daemon that does the work) counts with what it has. Throws when the command fails. */
export async function measured(command: TimedCommand & { readonly alsoPid?: number }): Promise<MeasuredRun> {
  const [file = '', ...args] = command.argv;
  const started = performance.now();
  const child = spawn(file, args, { cwd: command.cwd, env: command.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, residentKilobytes([child.pid ?? 0, ...(command.alsoPid === undefined ? [] : [command.alsoPid])]));
  };
  const looking = setInterval(look, 20);
  const [code] = await once(child, 'close');
  clearInterval(looking);
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`"${command.argv.join(' ')}" ended with status ${code}:\n${said}`);
  return { ms, peakMegabytes: peak / 1024 };
}

/** Of these processes and all below them. */
function residentKilobytes(roots: readonly number[]): number {
  const children = new Map<number, number[]>();
  const resident = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? statusOf(name) : '';
    const parent = Number(/^PPid:\s+(\d+)/m.exec(text)?.[1] ?? -1);
    if (parent < 0) continue;
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    resident.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0));
  }
  const sum = (pid: number): number =>
    (resident.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  return roots.reduce((total, pid) => total + sum(pid), 0);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // The process has ended.
  }
}
