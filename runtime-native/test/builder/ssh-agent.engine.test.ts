// timeout: 120s
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { openAgent } from '#runtime/builder/ssh-agent.ts';

const at = { file: { name: 'Dockerfile', path: undefined, text: '' }, start: 0, end: 0 };

function within(body: (directory: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const directory = mkdtempSync('/tmp/tsc-ssh-');
    try {
      await body(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}

function makeKey(path: string, passphrase = ''): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test key', '-f', path], { timeout: 60_000 });
  return path;
}

const listKeys = async (socket: string): Promise<string> => {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const { stdout } = await promisify(execFile)('ssh-add', ['-l'], {
    env: { SSH_AUTH_SOCK: socket, PATH: process.env['PATH'] },
    timeout: 60_000,
  });
  return stdout;
};

const plain = { owner: { uid: 0, gid: 0, mode: 0o600 }, at, signal: new AbortController().signal };

test(
  'keys of files are in an agent that is gone afterwards; an agent’s socket is asked through another',
  within(async (directory) => {
    const named = `${makeKey(join(directory, 'one'))},${makeKey(join(directory, 'two'))}`;
    {
      await using agent = await openAgent({ ...plain, named, directory, name: 'a', owner: { uid: 7, gid: 8, mode: 0o640 } });
      const { uid, gid, mode } = statSync(agent.path);
      assert.equal([uid, gid, mode & 0o777], [7, 8, 0o640]);
      assert.is((await listKeys(agent.path)).match(/test key/g)?.length, 2);
      await using other = await openAgent({ ...plain, named: agent.path, directory, name: 'b' });
      assert.is((await listKeys(other.path)).match(/test key/g)?.length, 2);
    }
    assert.equal(
      readdirSync(directory).filter((name) => !/^(?:one|two)/.test(name)),
      [],
    );
  }),
);

test(
  'what no agent takes is said',
  within(async (directory) => {
    const fails = async (named: string, reason: RegExp): Promise<void> => {
      const error = await openAgent({ ...plain, named, directory, name: 'x' }).then(
        () => undefined,
        (one: unknown) => one,
      );
      assert.ok(hasCode(error, 'build.ssh-unusable'));
      assert.match(String(error), reason);
      assert.not.ok(existsSync(join(directory, 'x')));
    };
    await fails(join(directory, 'none'), /neither an agent's socket nor a file/);
    await fails(makeKey(join(directory, 'locked'), 'a passphrase'), /cannot be used/);
    const open = makeKey(join(directory, 'open'));
    chmodSync(open, 0o644);
    await fails(open, /UNPROTECTED|permissions/i);
    writeFileSync(join(directory, 'text'), 'no key', { mode: 0o600 });
    await fails(join(directory, 'text'), /invalid format|error in libcrypto/);
  }),
);

test.run();
