import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../../context.ts';

/**
 * Asks a yes/no question; everything but a yes is no. No answer is no too, but `byDefault` on a terminal: there somebody has
 * read the question.
 */
export async function confirm(context: CommandContext, question: string, byDefault = false): Promise<boolean> {
  const { host, interrupts } = context;
  const asking = createInterface({ input: host.stdin, output: host.stdout });
  try {
    const ended = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
    const asked = asking.question(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `, { signal: interrupts.signal });
    const answer = await Promise.race([asked, ended]);
    if (answer.trim() === '') return byDefault && host.stdin.isTTY === true;
    return ['y', '1', 't', 'true', 'yes'].includes(answer.trim().toLowerCase());
  } finally {
    asking.close();
  }
}
