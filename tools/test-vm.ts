import { constants, copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startClock } from './prepare/clock.ts';
import { machineTools } from './prepare/install-tools.ts';
import { installTools, prepare } from './prepare/prepare.ts';
import { runCommand } from './process/run-command.ts';
import { judgeTap } from './testing/judge-tap.ts';
import { totalsLine } from './testing/report.ts';
import { qemu } from './vm/emulator.ts';
import { assembleGuest, type Guest, scratchDirectory } from './vm/guest-files.ts';
import { type Part, parts } from './vm/parts.ts';

const root = join(import.meta.dirname, '..');
const bootTimeoutMs = 900_000;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * `npm run test:vm [-- part…]`: runs stacks in machines of their own that have cgroup v2 only, turns them off, boots them again and
 * looks at what became of the stacks. Parts are in `vm/parts.ts`; none named: all. Returns the exit status; the last line is the totals.
 */
async function testVm(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0)
    throw new Error(`no such part: ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name));
  const say = startClock();
  await prepare({ root, say, images: ['busybox'], into: 'cache' });
  const lack = await lacking(say);
  if (lack !== undefined) {
    process.stdout.write(`skipped: ${lack}\n${totalsLine({ passed: 0, failed: 0, skipped: chosen.length })}`);
    return 0;
  }
  using scratch = scratchDirectory();
  const guest = await assembleGuest({ root, directory: scratch.path, say });
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  for (const part of chosen) await runPart({ part, guest, say, totals });
  say('done');
  process.stdout.write(totalsLine(totals));
  return totals.failed === 0 ? 0 : 1;
}

/** Why no machine can be made here; undefined: it can. */
async function lacking(say: (text: string) => void): Promise<string | undefined> {
  try {
    await installTools({ root, say, tools: machineTools });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function runPart(run: { part: Part; guest: Guest; say: (text: string) => void; totals: Totals }): Promise<void> {
  const { part, guest, say, totals } = run;
  const disk = `${guest.disk}.${part.name}`;
  copyFileSync(guest.disk, disk, constants.COPYFILE_FICLONE);
  for (let boot = 1; boot <= part.boots; boot++) {
    say(`${part.name}: ${part.shows}; boot ${boot}`);
    const argv = qemu({ ...guest, disk, init: part.init, part: part.name });
    const ending = await runCommand({ argv, timeoutMs: bootTimeoutMs, onOutput: tapPrinter() });
    const output = ending.output.replaceAll('\r', '');
    const judged = judgeTap({ ...ending, output, exitCode: 0, timeoutMs: bootTimeoutMs });
    for (const problem of judged.problems) process.stdout.write(`problem: ${problem}\n${output.slice(-2000)}\n`);
    totals.passed += judged.passed;
    totals.failed += judged.failed;
  }
  rmSync(disk);
}

/** Prints the lines of TAP and what is said beside them, as they come. */
function tapPrinter(): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text.replaceAll('\r', '')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (/^(not )?ok |^#|^1\.\./.test(line)) process.stdout.write(`${line}\n`);
  };
}

process.exitCode = await testVm(process.argv.slice(2));
