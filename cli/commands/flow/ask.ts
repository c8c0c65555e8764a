import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandContext } from '../../context.ts';

/** Asks for a line on the terminal; the characters of a secret are not shown. */
export async function ask(
  { host, interrupts }: CommandContext,
  { question, isSecret = false }: { readonly question: string; readonly isSecret?: boolean },
): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  host.stderr.write(question);
  // With `terminal` it takes the echo away from the terminal and does it itself: into nothing, for a secret.
  const asking = createInterface({ input: host.stdin, output: isSecret ? mute : host.stderr, terminal: isSecret });
  try {
    // Ctrl-C and Ctrl-D; in raw mode the terminal makes no signal of them.
    const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
    return (await Promise.race([asking.question('', { signal: interrupts.signal }), closed])).trim();
  } finally {
    asking.close();
    if (isSecret) host.stderr.write('\n');
  }
}
