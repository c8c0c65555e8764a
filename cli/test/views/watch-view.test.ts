import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { watchLines } from '../../views/watch/watch-lines.ts';
import { type WatchRow, watchRows } from '../../views/watch/watch-rows.ts';
import { watchScreen } from '../../views/watch/watch-screen.ts';
import { capture } from '../capture.ts';

const container = (fields: Partial<ObservedContainer>) =>
  ({ service: 'web', state: 'running', oneOff: false, ...fields }) as ObservedContainer; // the view looks at these only

const row = (fields: Partial<WatchRow>): WatchRow => ({
  service: 'web',
  containers: [container({})],
  last: '',
  isBusy: false,
  isWatched: true,
  ...fields,
});

const frame = { logsOf: undefined, columns: 60, maxRows: 10, colour: false };

test('a line a service, the watched ones first, and the keys', () => {
  const rows = [
    row({ service: 'db', isWatched: false, containers: [container({ health: 'healthy' })] }),
    row({ last: 'synced: 2 written, 1.2kB in 3 ms' }),
    row({ service: 'job', containers: [container({ state: 'exited', exitCode: 1 })], isBusy: true }),
    row({ service: 'none', containers: [] }),
  ];
  assert.equal(watchRows({ ...frame, rows }), [
    ' ⟳ job   exited (1)  ',
    ' ⦿ none  absent  ',
    ' ⦿ web   running  synced: 2 written, 1.2kB in 3 ms',
    ' · db    healthy  ',
    ' r restart   b rebuild   l logs: all   q quit',
  ]);
});

test('nothing is wider or higher than the terminal; a question takes the place of the keys', () => {
  const rows = Array.from({ length: 20 }, (_, index) => row({ service: `service-${index}`, last: 'x'.repeat(100) }));
  const lines = watchRows({ ...frame, rows, maxRows: 5, question: 'Apply?' });
  assert.is(lines.length, 5);
  assert.ok(lines.every((line) => line.length < 60));
  assert.equal(lines.slice(-2), [' … 17 more', 'Apply? [y/n]']);
});

test('the block is erased before text scrolls, and at the end', async () => {
  const stderr = capture({ isTTY: true, columns: 60, rows: 24 });
  const screen = watchScreen({ stderr, colour: false, services: () => ['web'], watched: () => new Set(['web']) });
  screen.setContainers([container({})]);
  screen.emit({ type: 'action-started', action: 'restart', service: 'web' });
  for (let waited = 0; !stderr.text().includes('restarting'); waited += 10) {
    assert.ok(waited < 10_000);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const line of ['one', 'two']) screen.interleave(() => stderr.write(`log line ${line}\n`));
  await new Promise((resolve) => setImmediate(resolve));
  const [, scrolled = ''] = stderr.text().split('restarting …');
  assert.is(
    scrolled.slice(scrolled.indexOf('\u001b[?2026h')),
    '\u001b[?2026h\u001b[2A\r\u001b[0Jlog line one\nlog line two\n\u001b[?2026h ⟳ web  running  ',
  );
  screen.close();
  const before = stderr.text();
  screen.setLogsOf('web');
  assert.is(stderr.text(), before);
});

test('events as lines and as objects', () => {
  const told = (progress: 'plain' | 'json') => {
    const lines: string[] = [];
    const emit = watchLines({
      write: (line) => lines.push(line),
      output: { diagnostic: () => {} },
      settings: { progress, colourOut: false },
    });
    emit({ type: 'sync-started', service: 'web', changes: 2, cause: 'changes' });
    emit({ type: 'sync-finished', service: 'web', containers: 2, written: 1, removed: 1, bytes: 1200, elapsedMs: 3.4 });
    emit({ type: 'action-started', action: 'rebuild', service: 'web' });
    emit({ type: 'action-finished', action: 'rebuild', service: 'web', elapsedMs: 1 });
    emit({ type: 'exec-finished', service: 'web', container: 'app-web-1', command: 'make', exitCode: 2, elapsedMs: 1 });
    return lines;
  };
  assert.equal(told('plain'), [
    'Syncing service "web" after 2 changes were detected: 1 written, 1 removed, 1.2kB in 2 containers in 3 ms',
    'Rebuilding service(s) ["web"] after changes were detected...',
    'service(s) ["web"] successfully built',
  ]);
  assert.equal(
    told('json').map((line) => JSON.parse(line)),
    [
      { id: 'Service web', status: 'Working', text: 'Syncing', details: '2 changes (changes)' },
      {
        id: 'Service web',
        status: 'Done',
        text: 'Synced',
        details: '1 written, 1 removed, 1.2kB in 2 containers in 3 ms',
        current: 1200,
        total: 1200,
      },
      { id: 'Service web', status: 'Working', text: 'Rebuilding' },
      { id: 'Service web', status: 'Done', text: 'Rebuilt' },
      { id: 'Service web', status: 'Error', text: 'Ran', details: 'make: status 2' },
    ],
  );
});

test.run();
