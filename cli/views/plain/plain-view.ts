import { planSentence } from '../plan-sentence.ts';
import { type Progress, progressTranslator } from '../progress.ts';
import { harmless } from '../text.ts';
import type { View, ViewRequest } from '../view.ts';
import { buildLines } from './build-lines.ts';

/** One line an event, no cursor tricks: ` Container p-web-1 Started `. */
export function plainView({ stderr }: { readonly stderr: Pick<ViewRequest['stderr'], 'write'> }): View {
  const translate = progressTranslator();
  const build = buildLines();
  const line = (fields: readonly string[]): void => {
    stderr.write(`${['', ...fields.map(harmless)].join(' ')}\n`);
  };
  return {
    emit(event) {
      if (event.type === 'build-event') {
        for (const text of build(event)) stderr.write(`${text}\n`);
        return;
      }
      for (const one of translate(event)) if (one.current === undefined) line(fieldsOf(one));
      if (event.type === 'plan-ready') {
        const sentence = planSentence(event.plan);
        if (sentence !== undefined) stderr.write(`${sentence}\n`);
      }
    },
    notice: (status, text) => line(['Compose', status, text]),
    interleave: (write) => write(),
    close: () => {},
  };
}

function fieldsOf(one: Progress): string[] {
  return [one.id, one.text, one.details ?? ''];
}
