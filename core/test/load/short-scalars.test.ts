import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseByteSize } from '#core/load/short/byte-size.ts';
import { formatDuration, parseDuration } from '#core/load/short/duration.ts';
import { serviceFailure, serviceOf } from './project-fixture.ts';

const durations: Readonly<Record<string, string | undefined>> = {
  '90s': '1m30s',
  '1h30m': '1h30m0s',
  '1d': '24h0m0s',
  '1w': '168h0m0s',
  '500us': '500µs',
  '500µs': '500µs',
  '1.5s': '1.5s',
  '100ms': '100ms',
  '1ns': '1ns',
  '0': '0s',
  '0s': '0s',
  '-5s': '-5s',
  '+5s': '5s',
  '1.5h': '1h30m0s',
  '1m0.5s': '1m0.5s',
  '.5s': '500ms',
  '90': undefined,
  '': undefined,
  '1 s': undefined,
  '1S': undefined,
  s: undefined,
  '1s2': undefined,
};

for (const [text, expected] of Object.entries(durations)) {
  test(`duration ${JSON.stringify(text)} is ${expected}`, () => {
    const value = parseDuration(text);
    assert.is(value === undefined ? undefined : formatDuration(value), expected);
  });
}

const sizes: Readonly<Record<string, bigint | string>> = {
  '1024': 1024n,
  '-1': -1n,
  '+5': 5n,
  '1b': 1n,
  '1k': 1024n,
  '1K': 1024n,
  '1kb': 1024n,
  '1KiB': 1024n,
  '64m': 67108864n,
  '1.5g': 1610612736n,
  '1 GB': 1073741824n,
  '2t': 2199023255552n,
  '1p': 1125899906842624n,
  '0.5k': 512n,
  '1x': "invalid suffix: 'x'",
  '1ib': "invalid suffix: 'ib'",
  x: "invalid size: 'x'",
  '-1k': "invalid size: '-1k'",
  '1  k': "invalid size: '1  k'",
  '': "invalid size: ''",
};

for (const [text, expected] of Object.entries(sizes)) {
  test(`size ${JSON.stringify(text)} is ${expected}`, () => {
    const size = parseByteSize(text);
    assert.is(typeof size === 'bigint' ? size : size.problem, expected);
  });
}

test('sizes are decimal texts, zero and floats are left out', async () => {
  const service = await serviceOf('mem_limit: 1g\nmem_reservation: 1e3\nmemswap_limit: -1\nshm_size: 0\nmem_swappiness: 60');
  assert.is(service.mem_limit, '1073741824');
  assert.is(service.memswap_limit, '-1');
  assert.is(service.mem_swappiness, '60');
  assert.not('shm_size' in service);
  assert.not('mem_reservation' in service);
});

test('processor shares are single precision', async () => {
  assert.is((await serviceOf('cpus: 0.333333333')).cpus, 0.33333334);
  assert.is((await serviceOf('cpus: "1.5"')).cpus, 1.5);
  assert.is((await serviceOf('cpus: 2')).cpus, 2);
});

test('whole numbers may be written as such texts or with a fraction that is dropped', async () => {
  const service = await serviceOf('cpu_shares: 1.9\npids_limit: "10"\nhealthcheck: {retries: 3.7}\noom_score_adj: "-500"');
  assert.is(service.cpu_shares, 1);
  assert.is(service.pids_limit, 10);
  assert.is(service.healthcheck.retries, 3);
  assert.is(service.oom_score_adj, -500);
});

test('file modes are octal, a decimal number is taken as one', async () => {
  const mode = async (text: string) => {
    const { configs } = await serviceOf(`configs: [{source: c, mode: ${text}}]`, { skipConsistency: true });
    return configs[0].mode;
  };
  assert.is(await mode('0440'), '0440');
  assert.is(await mode('0o440'), '0440');
  assert.is(await mode('"0440"'), '0440');
  assert.is(await mode('"555"'), '0555');
  assert.is(await mode('440'), '0670');
  assert.match(await serviceFailure('configs: [{source: c, mode: "0o440"}]'), /is not a file mode; write it in octal/);
});

test('faults name the place and what would do', async () => {
  assert.is(
    await serviceFailure('stop_grace_period: "90"'),
    'load.value services.a.stop_grace_period: "90" is not a duration; write a number with a unit, as in 30s or 1m30s',
  );
  assert.is(
    await serviceFailure('stop_grace_period: 90'),
    'load.schema services.a.stop_grace_period must be a string, not the number 90',
  );
  assert.is(await serviceFailure('mem_limit: 1x'), "load.value services.a.mem_limit: invalid suffix: 'x'");
  assert.is(
    await serviceFailure('healthcheck: {retries: -1}'),
    'load.value services.a.healthcheck.retries: must not be negative',
  );
});

test.run();
