import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedDetails } from '#runtime/bundle/refused-details.ts';
import { checkSupport, serviceSupport } from '#runtime/bundle/support.ts';
import { containerSpec } from '../engine-fixture.ts';

const facts = { cgroups: { mode: 'hybrid', mounts: {}, hasBlkioWeight: false }, hasInit: false, hasAppArmor: false } as const;

test('the table has exactly the attributes of a service', () => {
  const source = readFileSync(new URL('../../../core/model/project.ts', import.meta.url), 'utf8');
  const body = /export interface Service \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const keys = [...body.matchAll(/^ {2}readonly ([a-z_]+)\??:/gm)].map((match) => String(match[1]));
  assert.ok(keys.length > 80);
  assert.equal(Object.keys(serviceSupport).sort(), keys.sort());
});

test('what is refused names service and key; empty values are not written', () => {
  const service = { command: null, entrypoint: null, storage_opt: { size: '1G' }, use_api_socket: false, cpu_count: 2 };
  const found = checkSupport('web', service);
  assert.equal(
    found.map((one) => one.code),
    ['engine.ignored-attribute', 'engine.unsupported-attribute'],
  );
  assert.match(found[1]?.message ?? '', /service "web": "storage_opt"/);
});

test('values that cannot be enforced are all reported at once', () => {
  const spec = containerSpec('web', {
    annotations: { 'run.oci.seccomp_bpf_data': 'x' },
    cap_add: ['NONSENSE'],
    restart: 'sometimes',
    blkio_config: { weight: 300 },
    init: true,
    ulimits: { nofiles: 3 },
    logging: { driver: 'gelf' },
  });
  const messages = refusedDetails(spec, facts).map((one) => one.message);
  assert.is(messages.length, 7, messages.join('\n'));
});

test.run();
