import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../../context.ts';

/** Asks a yes/no question; everything but a yes is no. As with Docker Compose, `yes` counts only as `y`, `1`, `t` or `true`. */
export async function confirm(context: CommandContext, question: string): Promise<boolean> {
  const { host, interrupts } = context;
  const asking = createInterface({ input: host.stdin, output: host.stdout });
  try {
    const answer = await asking.question(`${question} [y/N] `, { signal: interrupts.signal });
    return ['y', '1', 't', 'true', 'yes'].includes(answer.trim().toLowerCase());
  } finally {
    asking.close();
  }
}
