import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** A repository with one commit on `main`; returns a way to run git in it. */
export function makeRepository(directory: string, files: Readonly<Record<string, string>>) {
  const git = (...argv: readonly string[]) =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...argv], {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const commit = (changed: Readonly<Record<string, string>>): string => {
    for (const [path, text] of Object.entries(changed)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    git('add', '--all', '.');
    git('commit', '--quiet', '-m', 'change');
    return git('rev-parse', 'HEAD').trim();
  };
  mkdirSync(directory, { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  return { git, commit, first: commit(files) };
}

/** `git daemon` for the repositories of a directory on a port of its own; another one when somebody was quicker to take it. */
export async function gitServer(directory: string): Promise<AsyncDisposable & { readonly url: string }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const options = ['--verbose', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${directory}`, directory];
    const child = spawn('git', ['daemon', ...options], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
    const closed = new Promise<false>((resolve) => child.on('close', () => resolve(false)));
    const ready = new Promise<true>((resolve) => {
      // Read to the end: a daemon that cannot write its log dies.
      child.stderr.on('data', (chunk: Buffer) => String(chunk).includes('Ready to rumble') && resolve(true));
    });
    if (!(await Promise.race([ready, closed]))) continue;
    return {
      url: `git://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGTERM');
        await closed;
      },
    };
  }
  throw new Error('git daemon does not start');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
