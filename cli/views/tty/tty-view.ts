import { paint } from '../colours.ts';
import { planSentence } from '../plan-sentence.ts';
import { type Progress, progressTranslator } from '../progress.ts';
import { rowsOf } from '../text.ts';
import type { View, ViewRequest } from '../view.ts';
import { type Row, renderRows } from './render-rows.ts';

/** Milliseconds between two drawings. */
const redrawMs = 100;

/**
 * Live rows, one a resource, redrawn in place at most every 100 ms; the last state stays on the screen. Our own drawing
 * rather than listr2: docs/adr/0004-own-live-rows.md.
 */
export function ttyView(request: ViewRequest): View {
  const { stderr, now } = request;
  const translate = progressTranslator();
  const rows = new Map<string, Row>();
  let drawn: readonly string[] = [];
  let isStale = false;
  let sentence: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const top = (): string => (drawn.length === 0 ? '' : `\x1b[${rowsOf(drawn, stderr.columns ?? 80)}A`);
  const draw = (isFinal: boolean): void => {
    if (rows.size === 0) return;
    const lines = renderRows([...rows.values()], {
      operation: request.operation,
      columns: stderr.columns ?? 80,
      // The last state may scroll; a live one must fit, or the cursor cannot get back to its top.
      maxRows: isFinal ? Number.POSITIVE_INFINITY : Math.max(1, (stderr.rows ?? 24) - 2),
      nowMs: now(),
      colour: request.colour,
    });
    // Each line is written over its old self: erasing first would flicker.
    stderr.write(`\x1b[?25l${top()}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[0J\x1b[?25h`);
    drawn = lines;
    isStale = false;
  };
  const drawSoon = (): void => {
    isStale = true;
    // Without a change only clocks and spinners move.
    const tick = (): void => {
      if (isStale || [...rows.values()].some((row) => row.status === 'Working')) draw(false);
    };
    timer ??= setInterval(tick, redrawMs).unref();
  };

  return {
    emit(event) {
      for (const one of translate(event)) {
        if (event.type === 'build-event') describe(rows, one);
        else if (isShown(one, request)) apply(rows, one, now());
      }
      if (event.type === 'plan-ready') sentence = planSentence(event.plan);
      if (rows.size > 0) drawSoon();
    },
    notice(_status, text) {
      this.interleave(() => stderr.write(`${paint(text, '1;31', request.colour)}\n`));
    },
    interleave(write) {
      if (drawn.length > 0) stderr.write(`${top()}\x1b[0J`);
      drawn = [];
      write();
      if (timer !== undefined) draw(false);
    },
    close() {
      if (timer !== undefined) clearInterval(timer);
      timer = undefined;
      draw(true);
      // Closing twice, or writing after it, must not touch what is on the screen now.
      rows.clear();
      drawn = [];
      if (sentence !== undefined) stderr.write(`${sentence}\n`);
      sentence = undefined;
    },
  };
}

function isShown(one: Progress, request: ViewRequest): boolean {
  return !(request.withoutStarts === true && (one.text === 'Starting' || one.text === 'Started'));
}

/** A build's row says which step it is at, and what that step wrote last. */
function describe(rows: Map<string, Row>, step: Progress): void {
  const id = step.parentId ?? step.id;
  const before = rows.get(id);
  if (before !== undefined && step.status !== 'Error') rows.set(id, { ...before, details: step.details ?? '' });
}

/** Brings the row of a message up to date; messages of a part go into the row of its whole. */
function apply(rows: Map<string, Row>, one: Progress, nowMs: number): void {
  const id = one.parentId ?? one.id;
  const before = rows.get(id);
  const parts: Row['parts'] = before?.parts ?? new Map();
  const rate = before?.rate ?? { startMs: nowMs, startBytes: 0 };
  if (one.parentId !== undefined) {
    const known = parts.get(one.id);
    const current = one.current ?? 0;
    // What was there at the first message was not transferred now.
    if (known === undefined) rate.startBytes += current;
    parts.set(one.id, { current: Math.max(current, known?.current ?? 0), total: one.total ?? 0 });
  }
  const isBusy = one.status === 'Working';
  rows.set(id, {
    id,
    status: one.status,
    text: one.text,
    details: one.details ?? '',
    parts,
    rate,
    // As with Docker Compose a resource's clock runs from its first message.
    startMs: before?.startMs ?? nowMs,
    endMs: isBusy ? undefined : nowMs,
  });
}
