import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonView } from '../../views/json/json-view.ts';
import { capture } from '../capture.ts';
import { actionOf, upPlan } from './sample-events.ts';

const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('prints one object a line without empty fields', () => {
  const stderr = capture();
  const view = jsonView({ stderr });
  const action = actionOf(upPlan, 1);
  view.emit({ type: 'action-started', action });
  view.emit({ type: 'action-finished', action, elapsedMs: 3 });
  assert.equal(lines(stderr.text()), [
    { id: 'Network p_default', status: 'Working', text: 'Creating' },
    { id: 'Network p_default', status: 'Done', text: 'Created' },
  ]);
});

test('tells how far a layer is', () => {
  const stderr = capture();
  const action = { id: 1, after: [], kind: 'image.pull', reference: 'nginx', reason: { kind: 'absent' } } as const;
  jsonView({ stderr }).emit({ type: 'action-progress', action, part: 'abcdef', done: 50, total: 200, unit: 'bytes' });
  assert.equal(lines(stderr.text()), [
    { id: 'abcdef', parent_id: 'Image nginx', status: 'Working', text: 'Pulling', current: 50, total: 200, percent: 25 },
  ]);
});

test.run();
