import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { processTable } from '../../views/process-rows.ts';
import { binarySizeText } from '../../views/sizes.ts';
import { usageRow } from '../../views/usage-row.ts';
import { observed } from '../sample-container.ts';

const container = observed({ id: 'abcdef0123456789', name: 'p-web-1' });
const reading = {
  ...{ takenAtMs: 2000, cpuMs: 1500, memoryBytes: 1536 * 1024, memoryLimitBytes: 1024 * 1024 * 1024, receivedBytes: 1234 },
  ...{ sentBytes: 0, readBytes: 12_345_678, writtenBytes: 999, processes: 4 },
};

test('a row of stats has the keys and forms of docker', () => {
  const before = { ...reading, takenAtMs: 1000, cpuMs: 1000 };
  assert.equal(usageRow({ container, before, now: reading }, { truncate: true }), {
    BlockIO: '12.3MB / 999B',
    CPUPerc: '50.00%',
    Container: 'abcdef012345',
    ID: 'abcdef012345',
    MemPerc: '0.15%',
    MemUsage: '1.5MiB / 1GiB',
    Name: 'p-web-1',
    NetIO: '1.23kB / 0B',
    PIDs: '4',
  });
  assert.is(usageRow({ container, now: reading }, { truncate: true })['CPUPerc'], '0.00%');
  assert.is(usageRow({ container, now: undefined }, { truncate: false })['MemUsage'], '-- / --');
  assert.is(binarySizeText(0), '0B');
});

test('processes have the columns of ps -ef', () => {
  const nowMs = Date.parse('2026-05-02T12:00:00');
  const one = { pid: 42, parentPid: 1, uid: 1000, startedAtMs: nowMs - 10_000, cpuMs: 3_723_000, command: 'sh -c x' };
  const table = processTable(
    [
      {
        service: 'web',
        number: 1,
        processes: [one, { ...one, userName: 'me', terminal: 'pts/0', startedAtMs: nowMs - 86_400_000 * 3 }],
      },
      { service: 'db', number: 2, processes: [{ ...one, cpuMs: 2000, startedAtMs: nowMs - 86_400_000 * 400 }] },
    ],
    nowMs,
  );
  assert.is(
    table,
    [
      'SERVICE  #   UID   PID  PPID  C   STIME  TTY    TIME      CMD',
      'web      1   1000  42   1     99  11:59  ?      01:02:03  sh -c x',
      'web      1   me    42   1     1   Apr29  pts/0  01:02:03  sh -c x',
      'db       2   1000  42   1     0   2025   ?      00:00:02  sh -c x',
      '',
    ].join('\n'),
  );
  assert.is(processTable([{ service: 'web', number: 1, processes: [] }], nowMs), '');
});

test.run();
