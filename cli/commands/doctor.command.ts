import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { HostFinding } from '#core/engine/engine.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { packageRoot } from '../package-root.ts';
import { paint } from '../views/colours.ts';

export const doctor = command({
  name: 'doctor',
  summary: 'Check that this machine can run containers, and make it so',
  flags: {
    fix: { type: 'boolean', help: 'Run the commands that help: packages of the distribution, native programs' },
    format: { type: 'string', choices: ['text', 'json'], default: 'text', help: 'Form of the output' },
  },
  operands: [],
  examples: [{ line: 'doctor --fix', does: 'install what is missing and build the native programs' }],
  async run({ flags, context }) {
    const engine = await context.engine();
    let problems = await engine.checkHost();
    if (flags.fix) {
      if (context.settings.dryRun) throw new TscomposeError(diagnose('cli.no-dry-run', { command: 'doctor --fix' }));
      await fix(context, problems);
      problems = await engine.checkHost();
    }
    const findings = await engine.describeHost();
    context.output.result(
      flags.format === 'json'
        ? `${JSON.stringify({ findings, problems })}\n`
        : `${findingText(findings, context)}${problemText(problems, context)}`,
    );
    const errors = problems.filter((one) => one.severity === 'error').length;
    if (errors > 0) throw new TscomposeError(diagnose('cli.host-not-ready', { problems: errors }));
    return 0;
  },
});

/** Packages first, then the native programs: building them needs packages that may be missing. */
async function fix(context: CommandContext, problems: readonly Diagnostic[]): Promise<void> {
  const source = join(packageRoot, 'runtime-native', 'supervisor');
  const lines = fixCommands(problems).filter((line) => !line.startsWith('make '));
  const build = existsSync(join(source, 'Makefile')) ? [`make --silent -C '${source}'`] : [];
  for (const line of [...lines, ...build]) await runFix(context, line);
}

async function runFix(context: CommandContext, line: string): Promise<void> {
  context.output.note(`+ ${line}`);
  const status = await context.host.runShell(line);
  if (status !== 0)
    throw new TscomposeError(diagnose('cli.fix-failed', { command: line, status: `status ${status}`, output: '' }));
}

/** Each command once; several package installations of one package manager become one. */
export function fixCommands(problems: readonly Diagnostic[]): string[] {
  const hints = problems.filter((one) => one.code === 'engine.requirement-missing').flatMap((one) => one.hint ?? []);
  const packagesOf = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const hint of hints) {
    // `apt-get install -y crun`, `dnf install -y crun`, `apk add crun`, `pacman -S --noconfirm crun`, `zypper … install … crun`.
    const [, installer, names] = /^(.*\b(?:install|add|-S)(?: +-\S+)*) +([^-;&|<>$`'"]+)$/.exec(hint) ?? [];
    if (installer === undefined || names === undefined) {
      others.add(hint);
      continue;
    }
    const packages = packagesOf.get(installer) ?? new Set();
    for (const name of names.trim().split(/\s+/)) packages.add(name);
    packagesOf.set(installer, packages);
  }
  return [...[...packagesOf].map(([installer, names]) => `${installer} ${[...names].join(' ')}`), ...others];
}

function findingText(findings: readonly HostFinding[], context: CommandContext): string {
  const width = Math.max(0, ...findings.map(({ what }) => what.length));
  const mark = paint('✔', '32', context.settings.colourOut);
  return findings.map(({ what, found }) => `${mark} ${what.padEnd(width)}  ${found}\n`).join('');
}

function problemText(problems: readonly Diagnostic[], context: CommandContext): string {
  const colour = context.settings.colourOut;
  if (problems.length === 0) return 'This machine can run containers.\n';
  return problems
    .map((one) => {
      const mark = one.severity === 'error' ? paint('✘', '31', colour) : paint('!', '33', colour);
      return `${mark} ${one.message}\n${one.hint === undefined ? '' : `    ${one.hint}\n`}`;
    })
    .join('');
}
