import type { Findings } from './step.ts';

const smellLines = 300;
const mostLines = 500;

/** Sizes of source files: more than 300 lines is shown, more than 500 needs `long file: <reason>` in a comment near the top. */
export function checkSizes(files: readonly { readonly path: string; readonly text: string }[]): Findings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const counts: number[] = [];
  for (const { path, text } of files) {
    const lines = text.split('\n').length - 1;
    counts.push(lines);
    if (lines <= smellLines) continue;
    const hasReason = /(\/\/|\/\*|\*) long file: \S/.test(text.split('\n').slice(0, 10).join('\n'));
    if (lines > mostLines && !hasReason)
      problems.push(`${path} has ${lines} lines: split it, or give a reason ("// long file: …" at the top)`);
    else warnings.push(`${path} has ${lines} lines`);
  }
  return { problems, warnings, note: `median ${median(counts)} lines in ${counts.length} files` };
}

function median(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
}
