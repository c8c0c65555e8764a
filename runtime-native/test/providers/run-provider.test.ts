import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { ProviderRequest } from '#core/engine/provider.ts';
import { runProvider } from '#runtime/providers/run-provider.ts';

/** A directory in PATH with one provider program `box`; `script` gets the arguments, metadata is answered before. */
function provider(script: string, metadata = '') {
  const home = mkdtempSync('/tmp/tsc-provider-');
  const program = `#!/bin/sh\n[ "$2" = metadata ] && { echo '${metadata}'; exit; }\necho "$@" >> ${home}/calls\n${script}\n`;
  mkdirSync(join(home, 'cli-plugins'));
  writeFileSync(join(home, 'box'), program, { mode: 0o755 });
  const messages: string[] = [];
  const request: ProviderRequest = {
    command: 'up',
    project: 'p',
    service: 'db',
    type: 'box',
    options: { size: ['5'], tag: ['a', 'b'] },
  };
  return {
    home,
    messages,
    run: (more: Partial<ProviderRequest> = {}) =>
      runProvider(
        { PATH: `${home}:/usr/bin:/bin`, HOME: home, DOCKER_CONFIG: home },
        { ...request, ...more },
        { onMessage: ({ level, text }) => messages.push(`${level} ${text}`) },
      ),
    calls: () => readFileSync(join(home, 'calls'), 'utf8').trim().split('\n'),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

async function reasonOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof TscomposeError) return error.message;
    throw error;
  }
  return 'it did not fail';
}

test('options become flags, messages progress, setenv variables', async () => {
  using box = provider(
    `echo '{"type":"info","message":"one"}'; echo; echo '{"type":"setenv","message":"URL=a=b"}'; echo '{"type":"rawsetenv","message":"X="}'`,
  );
  assert.equal(await box.run(), [
    { name: 'URL', value: 'a=b', raw: false },
    { name: 'X', value: '', raw: true },
  ]);
  assert.equal(box.messages, ['info one']);
  assert.equal(box.calls(), ['compose --project-name=p up --size=5 --tag=a --tag=b db']);
});

test('metadata limits the parameters, names the required ones and whether there is a stop', async () => {
  const metadata = '{"up":{"parameters":[{"name":"size","required":true}]},"down":{}}';
  using box = provider('', metadata);
  await box.run();
  assert.equal(await box.run({ command: 'stop' }), []);
  await box.run({ command: 'down' });
  assert.equal(box.calls(), ['compose --project-name=p up --size=5 db', 'compose --project-name=p down db']);
  assert.match(await reasonOf(box.run({ options: {} })), 'required parameter "size" is missing from provider "box" definition');
});

test('an error message, a failed program, a foreign line and a missing program are told', async () => {
  using errs = provider(`echo '{"type":"error","message":"no quota"}'; exit 1`);
  assert.match(await reasonOf(errs.run()), 'service "db": its provider "box" failed: no quota');
  using fails = provider('echo broken pipe >&2; exit 3');
  assert.match(await reasonOf(fails.run()), 'exit status 3: broken pipe');
  using talks = provider('echo hello');
  assert.match(await reasonOf(talks.run()), 'it wrote "hello", which is not a message');
  for (const type of ['nowhere', '../box', 'compose', '']) {
    assert.match(await reasonOf(talks.run({ type })), 'there is no program', type);
  }
});

test('a plugin of Docker comes before a program in PATH', async () => {
  using box = provider('');
  const plugin = join(box.home, 'cli-plugins', 'docker-box');
  writeFileSync(plugin, `#!/bin/sh\necho '{"type":"info","message":"plugin"}'\n`, { mode: 0o755 });
  await box.run();
  assert.equal(box.messages, ['info plugin']);
});

test.run();
