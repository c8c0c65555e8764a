import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { changesOf } from '#core/watch/change.ts';
import { watchRoots } from '#core/watch/root.ts';
import { watchRules } from '#core/watch/rule.ts';
import { projectOf } from '../plan/stack.ts';
import { rule } from './rules.ts';

const develop = (watch: string) => `services:\n  web: { image: i, develop: { watch: [${watch}] } }\n  db: { image: i }\n`;

test('rules come in order, with cleaned paths and patterns', () => {
  const project = projectOf(
    develop(
      '{path: /p/src/, action: sync, target: /app, ignore: [node_modules/], initial_sync: true}, {path: /p/x, action: restart}',
    ),
  );
  const { rules, diagnostics } = watchRules(project, []);
  assert.equal(diagnostics, []);
  assert.equal(
    rules.map((one) => [one.service, one.index, one.path, one.action, one.ignore, one.initialSync]),
    [
      ['web', 0, '/p/src', 'sync', ['node_modules'], true],
      ['web', 1, '/p/x', 'restart', [], false],
    ],
  );
});

test('no rule, a rebuild without build, and what a bind mount shows already are told', () => {
  const codes = (watch: string, services: readonly string[] = []) =>
    watchRules(projectOf(develop(watch)), services).diagnostics.map((one) => one.code);
  assert.equal(codes('{path: /p, action: restart}', ['db']), ['watch.nothing']);
  assert.equal(codes('{path: /p, action: rebuild}'), ['watch.needs-build']);
  const mounted = projectOf(
    'services: { web: { image: i, volumes: [{type: bind, source: /p, target: /app}], develop: { watch: [{path: /p/src, action: sync, target: /x}, {path: /p, action: restart}] } } }',
  );
  const { rules, diagnostics } = watchRules(mounted, []);
  assert.equal([rules.map((one) => one.action), diagnostics.map((one) => one.code)], [['restart'], ['watch.mounted']]);
});

test('rules that see the same files share a tree; other ignore lists make another', () => {
  const rules = [rule(), rule({ service: 'worker', initialSync: true }), rule({ ignore: ['dist'] }), rule({ path: '/q' })];
  const roots = watchRoots(rules, () => undefined);
  assert.equal(
    roots.map((root) => [root.path, root.lists, root.rules.length]),
    [
      ['/p/src', true, 2],
      ['/p/src', false, 1],
      ['/q', false, 1],
    ],
  );
  const [first] = watchRoots([rule({ ignore: ['dist'] })], () => ({ base: '/p', patterns: ['out'] }));
  assert.equal(
    [first?.ignore[0], first?.ignore[2]],
    [
      { base: '/p', patterns: ['out'] },
      { base: '/p/src', patterns: ['dist'] },
    ],
  );
  assert.ok(first?.ignore[1]?.patterns.includes('**/.git'));
});

test('an event is for the rules that include it; the start only for those with initial_sync', () => {
  const scripts = rule({ include: ['**/*.js'] });
  const initial = rule({ index: 1, initialSync: true });
  const commands = rule({ index: 2, initialSync: true, action: 'sync+exec' });
  const changes = changesOf(watchRoots([scripts, initial, commands], () => undefined));
  const indexes = (kind: 'found' | 'written', path: string) => changes({ root: 0, kind, path }).map((one) => one.rule.index);
  assert.equal(indexes('written', 'a/b.js'), [0, 1, 2]);
  assert.equal(indexes('written', 'a/b.css'), [1, 2]);
  assert.equal(indexes('written', ''), [0, 1, 2]);
  assert.equal(indexes('found', 'a/b.js'), [1]);
});

test.run();
