import { planSentence } from '../plan-sentence.ts';
import { type Progress, progressTranslator } from '../progress.ts';
import type { View, ViewRequest } from '../view.ts';

/** One object a line, schema in schemas/events.json. */
export function jsonView({ stderr }: Pick<ViewRequest, 'stderr'>): View {
  const translate = progressTranslator();
  const line = (value: object): void => {
    stderr.write(`${JSON.stringify(value)}\n`);
  };
  return {
    emit(event) {
      for (const one of translate(event)) line(objectOf(one));
      if (event.type === 'plan-ready') {
        const sentence = planSentence(event.plan);
        if (sentence !== undefined) line({ id: `Project ${event.plan.project}`, status: 'Done', text: sentence });
      }
    },
    notice: (status, text) => line({ id: 'Compose', status: 'Working', text: status, details: text }),
    interleave: (write) => write(),
    close: () => {},
  };
}

/** Empty fields are omitted, as Docker Compose does. */
function objectOf(one: Progress): object {
  const percent = one.total === undefined || one.total <= 0 ? undefined : Math.floor((100 * (one.current ?? 0)) / one.total);
  return {
    id: one.id,
    parent_id: one.parentId,
    status: one.status,
    text: one.text,
    details: one.details,
    current: one.current || undefined,
    total: one.total || undefined,
    percent: percent || undefined,
  };
}
