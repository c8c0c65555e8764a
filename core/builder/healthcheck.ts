import { TscomposeError } from '../diagnostics/error.ts';
import type { ImageConfig } from '../engine/specs.ts';
import { durationMs } from '../model/units.ts';
import { diagnose } from './catalogue.ts';
import { execForm } from './dockerfile/exec-form.ts';
import { checkFlags } from './dockerfile/flags.ts';
import type { Flag, Instruction } from './dockerfile/instruction.ts';

type Healthcheck = NonNullable<ImageConfig['Healthcheck']>;

const nanosecondsPerMs = 1_000_000;

/** `HEALTHCHECK [flags] CMD …` or `HEALTHCHECK NONE`. */
export function parseHealthcheck(instruction: Instruction, shell: readonly string[]): Healthcheck {
  const names = ['interval', 'timeout', 'start-period', 'start-interval', 'retries'];
  const [interval, timeout, startPeriod, startInterval, retries] = checkFlags(instruction, names);
  const [, kind = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(instruction.text) ?? [];
  if (kind.toUpperCase() === 'NONE') {
    if (rest !== '') throw invalid(instruction, 'HEALTHCHECK NONE takes nothing more');
    return { Test: ['NONE'] };
  }
  if (kind.toUpperCase() !== 'CMD' || rest === '') throw invalid(instruction, 'HEALTHCHECK needs CMD with a command, or NONE');
  const list = execForm(rest);
  // With another SHELL the check names it; CMD-SHELL means /bin/sh at run time.
  const test = list !== undefined ? ['CMD', ...list] : isDefaultShell(shell) ? ['CMD-SHELL', rest] : ['CMD', ...shell, rest];
  return {
    Test: test,
    ...nanoseconds('Interval', interval, instruction),
    ...nanoseconds('Timeout', timeout, instruction),
    ...nanoseconds('StartPeriod', startPeriod, instruction),
    ...nanoseconds('StartInterval', startInterval, instruction),
    ...retriesOf(retries, instruction),
  };
}

function isDefaultShell(shell: readonly string[]): boolean {
  return shell.join(' ') === '/bin/sh -c';
}

function nanoseconds<K extends string>(key: K, flag: Flag | undefined, instruction: Instruction): { [P in K]?: number } {
  if (flag === undefined) return {};
  const text = flag.value ?? '';
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text))
    throw invalid(instruction, `"${text}" is no duration, such as 30s`);
  return { [key]: Math.round(durationMs(text) * nanosecondsPerMs) } as { [P in K]?: number };
}

function retriesOf(flag: Flag | undefined, instruction: Instruction): Pick<Healthcheck, 'Retries'> {
  if (flag === undefined) return {};
  if (!/^\d+$/.test(flag.value ?? '')) throw invalid(instruction, '--retries is a number');
  return { Retries: Number(flag.value) };
}

function invalid(instruction: Instruction, reason: string): TscomposeError {
  return new TscomposeError(diagnose('build.dockerfile-invalid', { reason }, instruction.span));
}
