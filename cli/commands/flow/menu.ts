import type { CommandContext } from '../../context.ts';
import { readKeys } from './watch/read-keys.ts';

/** The keys of an attached `up`, until disposal. */
export interface Menu extends Disposable {
  /** Asks a question that the next key answers: `y` is yes. */
  readonly ask: (question: string) => Promise<boolean>;
}

export interface MenuRequest {
  /** Writes a line between those of the containers. */
  readonly write: (line: string) => void;
  readonly toggleWatch: () => void;
  readonly detach: () => void;
}

/** Tells the keys and reads them. Ctrl-C is one of them: while keys are read it is no signal. */
export function openMenu({ host, interrupts }: CommandContext, { write, toggleWatch, detach }: MenuRequest): Menu {
  let answer: ((isYes: boolean) => void) | undefined;
  write('w Watch on/off   d Detach   Ctrl+C Stop');
  const keys = readKeys(host, (key) => {
    if (key === '\u0003') interrupts.raise();
    else if (answer !== undefined) {
      answer(key === 'y' || key === 'Y');
      answer = undefined;
    } else if (key === 'd') detach();
    else if (key === 'w') toggleWatch();
  });
  return {
    ask(question) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      answer = resolve;
      write(`${question} [y/N]`);
      return promise;
    },
    [Symbol.dispose]: () => keys[Symbol.dispose](),
  };
}
