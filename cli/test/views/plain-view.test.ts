import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan } from '#core/plan/plan.ts';
import { plainView } from '../../views/plain/plain-view.ts';
import { capture } from '../capture.ts';
import { actionOf, eventsOf, upPlan } from './sample-events.ts';

test('shows up as Docker Compose does, a recreate as one pair', () => {
  const stderr = capture();
  const view = plainView({ stderr });
  for (const event of eventsOf(upPlan)) view.emit(event);
  view.close();
  assert.is(
    stderr.text(),
    [
      ' Container p-cache-1 Running ',
      'Plan: create 1 container and 1 network, recreate 1 container; 1 unchanged',
      ' Network p_default Creating ',
      ' Network p_default Created ',
      ' Container p-db-1 Recreate ',
      ' Container p-db-1 Recreated ',
      ' Container p-db-1 Starting ',
      ' Container p-db-1 Started ',
      ' Container p-db-1 Waiting ',
      ' Container p-db-1 Healthy ',
      ' Container p-web-1 Creating ',
      ' Container p-web-1 Created ',
      ' Container p-web-1 Starting ',
      ' Container p-web-1 Started ',
      '',
    ].join('\n'),
  );
});

test('says that there is nothing to do', () => {
  const stderr = capture();
  plainView({ stderr }).emit({ type: 'plan-ready', plan: { ...upPlan, actions: [] } });
  assert.is(stderr.text(), ' Container p-cache-1 Running \nNothing to do: the container is up to date\n');
});

test('shows a restart as one pair', () => {
  const shared = {
    container: 'c',
    name: 'p-web-1',
    service: 'web',
    reason: { kind: 'requested' },
    group: 'restart:web-1',
  } as const;
  const plan: Plan = {
    ...{ project: 'p', operation: 'restart', unchanged: [] },
    actions: [
      { id: 1, after: [], kind: 'container.stop', ...shared },
      { id: 2, after: [1], kind: 'container.start', ...shared },
    ],
  };
  const stderr = capture();
  const view = plainView({ stderr });
  for (const event of eventsOf(plan)) view.emit(event);
  assert.is(stderr.text(), ' Container p-web-1 Restarting \n Container p-web-1 Started \n');
});

test('shows failures, skips and interrupted recreates with their words', () => {
  const diagnostic = { code: 'engine.start-failed', severity: 'error', message: 'no such file\u001b[31m' } as const;
  const stderr = capture();
  const view = plainView({ stderr });
  const folded = actionOf(upPlan, 2);
  view.emit({ type: 'plan-ready', plan: { ...upPlan, operation: 'start', unchanged: [] } });
  view.emit({ type: 'action-failed', action: actionOf(upPlan, 9), diagnostics: [diagnostic] });
  view.emit({ type: 'action-skipped', action: actionOf(upPlan, 7), diagnostic });
  view.emit({ type: 'action-cancelled', action: actionOf(upPlan, 8) });
  view.emit({ type: 'action-started', action: folded });
  view.emit({ type: 'action-cancelled', action: folded });
  view.notice('Stopping', 'Gracefully Stopping...');
  assert.is(
    stderr.text(),
    [
      ' Container p-web-1 Error no such file',
      ' Container p-db-1 Skipped: optional dependency "db" failed to start no such file',
      ' Container p-db-1 Recreate ',
      ' Container p-db-1 Interrupted ',
      ' Compose Stopping Gracefully Stopping...',
      '',
    ].join('\n'),
  );
});

test.run();
