import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '#tools/process/run-command.ts';
import { type Effect, effectOf } from './effect.ts';
import { normalised } from './normalised.ts';
import { type Sequence, type Step, wordsOf } from './sequence.ts';
import type { Side, Sides } from './sides.ts';

/** Something that a step did in another way. */
export interface Difference {
  readonly sequence: string;
  readonly step: Step;
  /** `status`, `stdout`, or what of which container: `app_web_1 state`. */
  readonly what: string;
  readonly theirs: string;
  readonly ours: string;
}

/** Runs a sequence with both programs, side by side, and tells what differs after each step. Both projects are gone afterwards. */
export async function compareSequence(sides: Sides, sequence: Sequence): Promise<readonly Difference[]> {
  const [theirs, ours] = await Promise.all([runSequence(sides.theirs, sequence), runSequence(sides.ours, sequence)]);
  return sequence.steps.flatMap((step, index) =>
    differencesOf(theirs[index], ours[index]).map((difference) => ({ sequence: sequence.name, step, ...difference })),
  );
}

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly effect: Effect;
}

const project = 'app';

async function runSequence(side: Side, sequence: Sequence): Promise<readonly Outcome[]> {
  const directory = join(side.directory, sequence.name.replaceAll(' ', '-'), project);
  for (const [path, text] of Object.entries(sequence.files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const env = { ...side.env, ...sequence.env };
  const run = (argv: readonly string[]) =>
    runCommand({ argv: [...side.compose, ...argv], cwd: directory, env, timeoutMs: 120_000 });
  const outcomes: Outcome[] = [];
  try {
    for (const step of sequence.steps) {
      const { exitCode, stdout } = await run(wordsOf(step));
      outcomes.push({ status: exitCode, stdout: normalised(stdout, directory), effect: await effectOf(side, project) });
    }
  } finally {
    await runCommand({
      argv: [...side.compose, 'down', '-v', '--remove-orphans', '-t', '0'],
      cwd: directory,
      env: side.env,
      timeoutMs: 120_000,
    });
  }
  return outcomes;
}

function differencesOf(
  theirs: Outcome | undefined,
  ours: Outcome | undefined,
): readonly Pick<Difference, 'what' | 'theirs' | 'ours'>[] {
  const rows = [
    { what: 'status', theirs: String(theirs?.status), ours: String(ours?.status) },
    { what: 'stdout', theirs: theirs?.stdout ?? '', ours: ours?.stdout ?? '' },
  ];
  const names = new Set([...Object.keys(theirs?.effect ?? {}), ...Object.keys(ours?.effect ?? {})]);
  for (const name of [...names].sort()) {
    const [a, b] = [theirs?.effect[name], ours?.effect[name]];
    if (a === undefined || b === undefined) {
      rows.push({ what: name, theirs: a === undefined ? 'absent' : 'there', ours: b === undefined ? 'absent' : 'there' });
      continue;
    }
    for (const [key, value] of Object.entries(a)) rows.push({ what: `${name} ${key}`, theirs: value, ours: b[key] ?? '' });
  }
  return rows.filter((row) => row.theirs !== row.ours);
}
