import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import type { ImageConfig } from '#core/engine/specs.ts';
import { applyChanges } from '#runtime/images/image-changes.ts';

const cases: readonly (readonly [readonly string[], ImageConfig])[] = [
  [['CMD ["sh", "-c", "echo  hi"]'], { Cmd: ['sh', '-c', 'echo  hi'] }],
  [['CMD echo  hi'], { Cmd: ['/bin/sh', '-c', 'echo  hi'] }],
  [['cmd [broken'], { Cmd: ['/bin/sh', '-c', '[broken'] }],
  [['ENTRYPOINT ["/e"]', 'CMD []'], { Entrypoint: ['/e'], Cmd: [] }],
  [['ENV A=1 B="two words" C=\'x y\' D=a\\ b'], { Env: ['A=1', 'B=two words', 'C=x y', 'D=a b'] }],
  [['ENV A=1', 'ENV B=2', 'ENV A=3'], { Env: ['B=2', 'A=3'] }],
  [['ENV GREETING hello  world = fine'], { Env: ['GREETING=hello  world = fine'] }],
  [['EXPOSE 80 443/udp 9000-9001/tcp'], { ExposedPorts: { '80/tcp': {}, '443/udp': {}, '9000/tcp': {}, '9001/tcp': {} } }],
  [['LABEL a.b="c d" e=f', 'LABEL e=g'], { Labels: { 'a.b': 'c d', e: 'g' } }],
  [['STOPSIGNAL SIGINT', 'USER 1000:app'], { StopSignal: 'SIGINT', User: '1000:app' }],
  [['VOLUME /a /b', 'VOLUME ["/c d"]'], { Volumes: { '/a': {}, '/b': {}, '/c d': {} } }],
  [['WORKDIR /a', 'WORKDIR b'], { WorkingDir: '/a/b' }],
  [['HEALTHCHECK NONE'], { Healthcheck: { Test: ['NONE'] } }],
  [
    ['HEALTHCHECK --interval=1m30s --retries=2 CMD ["ok", "now"]'],
    { Healthcheck: { Test: ['CMD', 'ok', 'now'], Interval: 90e9, Retries: 2 } },
  ],
  [['HEALTHCHECK --start-period=500ms CMD curl -f x'], { Healthcheck: { Test: ['CMD-SHELL', 'curl -f x'], StartPeriod: 5e8 } }],
];

for (const [changes, expected] of cases) {
  test(changes.join(' / '), () => {
    assert.equal(applyChanges({}, changes), expected);
  });
}

test('what was there stays, and the given configuration is not touched', () => {
  const before: ImageConfig = { Env: ['A=1'], Cmd: ['x'] };
  assert.equal(applyChanges(before, ['ENV B=2']), { Env: ['A=1', 'B=2'], Cmd: ['x'] });
  assert.equal(before, { Env: ['A=1'], Cmd: ['x'] });
});

for (const change of [
  'RUN x',
  'CMD',
  '',
  'ENV',
  'ENV =x',
  'EXPOSE 0',
  'EXPOSE 70000',
  'EXPOSE 9-8',
  'EXPOSE x',
  'HEALTHCHECK x',
  'LABEL a',
]) {
  test(`"${change}" is refused`, () => {
    assert.throws(
      () => applyChanges({}, [change]),
      (error: unknown) => hasCode(error, 'engine.image-invalid'),
    );
  });
}

test.run();
