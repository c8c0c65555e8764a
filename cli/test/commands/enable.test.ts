import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { cli } from './harness.ts';

const compose = 'name: shop\nservices: { web: { image: web } }\n';

test('enable writes the unit, tells systemd, and disable takes both back', async () => {
  const units = mkdtempSync('/tmp/tsc-units-');
  await using program = await cli(memoryEngine(), compose, {
    env: { TSCOMPOSE_UNIT_DIR: units, TSCOMPOSE_ROOT: '/srv/a root', COMPOSE_PROFILES: 'extra' },
  });
  const path = join(units, 'tscompose-shop.service');
  assert.is((await program.run('disable')).status, 0, 'nothing to disable');
  assert.is((await program.run('enable', '--dry-run')).status, 0);
  assert.not.ok(existsSync(path));
  assert.is((await program.run('enable')).status, 0);
  const text = readFileSync(path, 'utf8');
  assert.match(
    text,
    /^ExecStart=\/\S+\/bin\/tscompose --project-name shop --project-directory \S+ --file \S+compose\.yaml --profile extra .* up --detach --no-recreate --pull missing --resume$/m,
  );
  assert.match(text, /^ExecStop=.* stop --resumable$/m);
  assert.match(text, /^Environment="TSCOMPOSE_ROOT=\/srv\/a root"$/m);
  assert.is((await program.run('enable', '--print')).stdout, text);
  assert.is((await program.run('disable')).status, 0);
  assert.not.ok(existsSync(path));
  assert.equal(program.shell, [
    'systemctl daemon-reload',
    'systemctl enable tscompose-shop.service',
    'systemctl disable tscompose-shop.service',
    'systemctl daemon-reload',
  ]);
  rmSync(units, { recursive: true });
});

test('a machine without systemd, and a file that is gone at boot', async () => {
  const units = mkdtempSync('/tmp/tsc-units-');
  await using program = await cli(memoryEngine(), compose, {
    env: { TSCOMPOSE_UNIT_DIR: units },
    shellStatus: 127,
    stdin: compose,
  });
  const failed = await program.run('enable');
  assert.is(failed.status, 1);
  assert.match(failed.stderr, /cli\.systemctl-failed/);
  assert.match((await program.run('-f', '-', 'enable')).stderr, /cli\.enable-stdin/);
  rmSync(units, { recursive: true });
});

test.run();
