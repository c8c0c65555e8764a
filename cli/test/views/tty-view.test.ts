import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Row, renderRows } from '../../views/tty/render-rows.ts';
import { ttyView } from '../../views/tty/tty-view.ts';
import { capture } from '../capture.ts';
import { eventsOf, upPlan } from './sample-events.ts';

const row = (id: string, changes: Partial<Row> = {}): Row => ({
  ...{ id, status: 'Done', text: 'Started', details: '', parts: new Map(), startMs: 0, endMs: 300 },
  ...changes,
});
const frame = { operation: 'up', columns: 50, maxRows: 20, nowMs: 1000, colour: false };

test('aligns ids and puts the seconds to the right', () => {
  const rows = [
    row('Network p_default', { text: 'Created' }),
    row('Container p-web-1', { status: 'Working', text: 'Starting', endMs: undefined }),
  ];
  assert.equal(renderRows(rows, frame), [
    '[+] up 1/2',
    ' ✔ Network p_default  Created                0.3s',
    ' ⠋ Container p-web-1  Starting               1.0s',
  ]);
});

test('no line is wider than the terminal: details go first, then the tail of the id', () => {
  const details = 'x'.repeat(60);
  const rows = [row('Container p-web-1', { status: 'Error', text: 'Error', details }), row(`Container ${'n'.repeat(80)}`)];
  const lines = renderRows(rows, frame);
  for (const line of lines) assert.ok(line.length <= frame.columns, `${line.length}: ${line}`);
  assert.match(lines[1] ?? '', /^ ✘ Container p-web-1 +Error /);
  assert.match(lines[2] ?? '', /…/);
  assert.is(lines[1]?.indexOf('Error'), lines[2]?.search(/Created|Started/), 'words stand below each other');
});

test('counts the rows that do not fit and keeps what is under way', () => {
  const rows = [
    ...Array.from({ length: 9 }, (_, index) => row(`Container c${index}`)),
    row('Container last', { status: 'Working', endMs: undefined }),
  ];
  const lines = renderRows(rows, { ...frame, maxRows: 4 });
  assert.is(lines.length, 5);
  assert.match(lines.join('\n'), /Container last/);
  assert.is(lines.at(-1), ' ... 7 more');
});

test('shows the layers of a pull', () => {
  const parts = new Map([
    ['a', { current: 1_000_000, total: 1_000_000 }],
    ['b', { current: 500_000, total: 2_000_000 }],
  ]);
  const [, line] = renderRows([row('Image nginx', { status: 'Working', text: 'Pulling', parts, endMs: undefined })], {
    ...frame,
    columns: 80,
  });
  assert.match(line ?? '', /Image nginx {2}Pulling {2}\[⣿⣀\] {2}1\.5MB \/ 3MB/);
});

test('shows speed and time left of a pull, without what was there before', () => {
  const parts = new Map([
    ['a', { current: 4_000_000, total: 4_000_000 }],
    ['b', { current: 2_000_000, total: 12_000_000 }],
  ]);
  const pulling = row('Image nginx', {
    status: 'Working',
    text: 'Pulling',
    parts,
    rate: { startMs: 0, startBytes: 4_000_000 },
    endMs: undefined,
  });
  const lineAt = (nowMs: number): string => renderRows([pulling], { ...frame, columns: 100, nowMs })[1] ?? '';
  assert.match(lineAt(4000), /6MB \/ 16MB {2}500kB\/s {2}20s left/);
  assert.not.match(lineAt(900), 'left');
});

test('draws the last state once and says what the plan was', () => {
  const stderr = capture({ isTTY: true, columns: 60, rows: 30 });
  let nowMs = 0;
  const view = ttyView({ stderr, now: () => nowMs, colour: false, operation: 'up' });
  for (const event of eventsOf(upPlan)) {
    view.emit(event);
    nowMs += 50;
  }
  view.close();
  view.close();
  const lines = stripVTControlCharacters(stderr.text()).trimEnd().split('\n');
  assert.is(lines[0], '[+] up 4/4');
  assert.is(lines.filter((line) => line.includes('Container p-db-1')).length, 1);
  assert.match(lines.join('\n'), /Container p-cache-1 {2}Running/);
  assert.match(lines.at(-1) ?? '', /^Plan: /);
});

test('foreign text goes above the rows, which are drawn again below it', () => {
  const stderr = capture({ isTTY: true, columns: 60, rows: 30 });
  const view = ttyView({ stderr, now: () => 0, colour: false, operation: 'up' });
  const [first, second] = eventsOf(upPlan);
  if (first !== undefined) view.emit(first);
  if (second !== undefined) view.emit(second);
  view.interleave(() => stderr.write('web-1  | hello\n'));
  view.interleave(() => stderr.write('web-1  | again\n'));
  view.close();
  const text = stderr.text();
  assert.match(text, /web-1 {2}\| hello\n.*\[\+\] up/s);
  // Before the second text the two rows and the header are erased.
  assert.ok(text.includes('\u001b[3A\u001b[0Jweb-1  | again'));
});

test('rows that a narrower terminal has wrapped are erased whole', () => {
  const stderr = Object.assign(capture({ isTTY: true, columns: 60, rows: 30 }), { columns: 60 });
  const view = ttyView({ stderr, now: () => 0, colour: false, operation: 'up' });
  for (const event of eventsOf(upPlan).slice(0, 2)) view.emit(event);
  view.interleave(() => stderr.write('first\n'));
  stderr.columns = 30;
  view.interleave(() => stderr.write('second\n'));
  view.close();
  // The header takes one line, each of the two rows, which were 59 wide, two.
  assert.ok(stderr.text().includes('\u001b[5A\u001b[0Jsecond'), JSON.stringify(stderr.text()));
});

test.run();
