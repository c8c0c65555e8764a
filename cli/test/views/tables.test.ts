import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { containerRow, statusText } from '../../views/container-row.ts';
import { humanDuration } from '../../views/durations.ts';
import { formatTemplate } from '../../views/go-template.ts';
import { repositoryAndTag } from '../../views/image-name.ts';
import { portsText } from '../../views/ports-text.ts';
import { sizeText } from '../../views/sizes.ts';
import { psStyle, tableText } from '../../views/table.ts';

const nowMs = Date.parse('2026-01-02T12:00:00Z');
const container: ObservedContainer = {
  ...{ id: 'a'.repeat(64), name: 'p-web-1', project: 'p', service: 'web', number: 1, oneOff: false },
  ...{ state: 'running', desired: 'running', oomKilled: false, restartCount: 0, health: 'healthy' },
  ...{ image: 'nginx', imageId: 'sha256:1', imageDigest: 'sha256:2', labels: { 'a.b': 'c', d: 'e' }, endpoints: [], mounts: [] },
  ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
  ...{ argv: ['nginx', '-g', 'daemon off;'], createdAt: '2026-01-02T11:58:00Z', startedAt: '2026-01-02T11:59:57Z' },
};

test('columns are at least ten wide with a gap of three, the last is not padded', () => {
  assert.is(
    tableText(
      [
        ['NAME', 'IMAGE', 'PORTS'],
        ['a-rather-long-name', 'x', ''],
      ],
      psStyle,
    ),
    'NAME                 IMAGE     PORTS\na-rather-long-name   x         \n',
  );
});

test('cells lose control characters and count wide ones twice', () => {
  assert.is(tableText([['日本語\u001b[31m', 'b']], { min: 0, gap: 1 }), '日本語 b\n');
});

const durations: readonly [number, string][] = [
  [400, 'Less than a second'],
  [1_000, '1 second'],
  [59_000, '59 seconds'],
  [61_000, 'About a minute'],
  [45 * 60_000, '45 minutes'],
  [3_600_000, 'About an hour'],
  [47 * 3_600_000, '47 hours'],
  [48 * 3_600_000, '2 days'],
  [15 * 86_400_000, '2 weeks'],
  [70 * 86_400_000, '2 months'],
  [800 * 86_400_000, '2 years'],
];
for (const [ms, text] of durations) test(`${ms} ms is ${text}`, () => assert.is(humanDuration(ms), text));

test('states are told in the words of docker', () => {
  const of = (changes: Partial<ObservedContainer>) => statusText({ ...container, ...changes }, nowMs);
  assert.is(of({}), 'Up 3 seconds (healthy)');
  assert.is(of({ health: 'starting' }), 'Up 3 seconds (health: starting)');
  assert.is(of({ state: 'paused' }), 'Up 3 seconds (Paused)');
  assert.is(of({ state: 'exited', exitCode: 137, finishedAt: '2026-01-02T11:58:00Z' }), 'Exited (137) 2 minutes ago');
  assert.is(of({ state: 'restarting', exitCode: 1, finishedAt: '2026-01-02T11:59:58Z' }), 'Restarting (1) 2 seconds ago');
  assert.is(of({ state: 'created' }), 'Created');
});

test('a row has the keys of docker in alphabetical order', () => {
  const row = containerRow(container, { nowMs, truncate: true });
  assert.equal(Object.keys(row), [...Object.keys(row)].sort());
  assert.is(row['Command'], '"nginx -g daemon of…');
  assert.is(row['RunningFor'], '2 minutes ago');
  assert.equal(row['Publishers'], [{ URL: '0.0.0.0', TargetPort: 80, PublishedPort: 8080, Protocol: 'tcp' }]);
});

const port = (containerPort: number, hostPort?: number, hostIp = '', protocol: 'tcp' | 'udp' = 'tcp') => ({
  ...{ hostIp, containerPort, protocol },
  ...(hostPort === undefined ? {} : { hostPort }),
});
const ports: readonly [Parameters<typeof portsText>[0], string][] = [
  [[port(443), port(80)], '80/tcp, 443/tcp'],
  [[port(8000, 8000), port(8001, 8001)], '0.0.0.0:8000-8001->8000-8001/tcp'],
  [[port(8000, 8001, '127.0.0.1')], '127.0.0.1:8001->8000/tcp'],
  [[port(53, 53, '', 'udp'), port(53, 53)], '0.0.0.0:53->53/tcp, 0.0.0.0:53->53/udp'],
  [[port(80, 8080), port(80, 8080, '::')], '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp'],
  [[], ''],
];
for (const [list, text] of ports) test(`ports ${text}`, () => assert.is(portsText(list), text));

test('templates take fields, functions, labels and a header', () => {
  const rows = [containerRow(container, { nowMs, truncate: true })];
  assert.is(formatTemplate('{{.Name}}\\t{{.State | x}}'.replace(' | x', ''), rows), 'p-web-1\trunning\n');
  assert.is(formatTemplate('{{json .Name}} {{upper .State}} {{.Label "a.b"}}', rows), '"p-web-1" RUNNING c\n');
  assert.is(formatTemplate('table {{.Name}}\\t{{.RunningFor}}', rows), 'NAME      CREATED\np-web-1   2 minutes ago\n');
});

test('refuses template parts that it does not know', () => {
  for (const template of [
    '{{.Nonsense}}',
    '{{if .Name}}x',
    '{{end}}',
    '{{nosuch .Name}}',
    '{{.Name',
    '{{.Name .State}}',
    '{{$x}}',
    '{{.Name|}}',
  ]) {
    assert.throws(
      () => formatTemplate(template, [containerRow(container, { nowMs, truncate: true })]),
      (error: unknown) => hasCode(error, 'cli.bad-template'),
      template,
    );
  }
});

test('sizes and names are as docker writes them', () => {
  assert.is(sizeText(999), '999B');
  assert.is(sizeText(12_345_678), '12.35MB');
  assert.equal(repositoryAndTag('docker.io/library/nginx:1.27'), { repository: 'nginx', tag: '1.27' });
  assert.equal(repositoryAndTag('localhost:5000/a/b'), { repository: 'localhost:5000/a/b', tag: 'latest' });
  assert.equal(repositoryAndTag('nginx@sha256:abc'), { repository: 'nginx', tag: '<none>' });
});

test.run();
