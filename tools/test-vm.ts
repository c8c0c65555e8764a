import { join } from 'node:path';
import { startClock } from './prepare/clock.ts';
import { machineTools } from './prepare/install-tools.ts';
import { installTools, prepare } from './prepare/prepare.ts';
import { runCommand } from './process/run-command.ts';
import { judgeTap } from './testing/judge-tap.ts';
import { totalsLine } from './testing/report.ts';
import { assembleGuest, type Guest, scratchDirectory } from './vm/guest-files.ts';

const root = join(import.meta.dirname, '..');
const bootTimeoutMs = 600_000;

/**
 * `npm run test:vm`: runs a stack in an emulated machine that has cgroup v2 only, turns the machine off, boots it again
 * and looks at what became of the stack. Returns the exit status; the last line is the totals.
 */
async function testVm(): Promise<number> {
  const say = startClock();
  await prepare({ root, say, images: ['busybox'], into: 'cache' });
  await installTools({ root, say, tools: machineTools });
  using scratch = scratchDirectory();
  const guest = await assembleGuest({ root, directory: scratch.path, say });
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const boot of [1, 2]) {
    say(`boot ${boot}`);
    const ending = await runCommand({ argv: qemu(guest), timeoutMs: bootTimeoutMs });
    const output = ending.output.replaceAll('\r', '');
    process.stdout.write(
      output
        .split('\n')
        .filter((line) => /^(not )?ok |^#|^1\.\./.test(line))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const judged = judgeTap({ ...ending, output, exitCode: 0, timeoutMs: bootTimeoutMs });
    for (const problem of judged.problems) process.stdout.write(`problem: ${problem}\n${output.slice(-2000)}\n`);
    totals.passed += judged.passed;
    totals.failed += judged.failed;
  }
  say('done');
  process.stdout.write(totalsLine(totals));
  return totals.failed === 0 ? 0 : 1;
}

/** Software emulation: it needs no hardware support and boots in seconds. */
function qemu(guest: Guest): string[] {
  return [
    ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048', '-nographic', '-no-reboot'],
    ...['-kernel', guest.kernel, '-initrd', guest.initrd, '-append', 'console=ttyS0 quiet panic=1'],
    ...['-drive', `file=${guest.disk},format=raw,if=virtio,cache=unsafe`],
  ];
}

process.exitCode = await testVm();
