// timeout: 30s
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const program = join(import.meta.dirname, '..', '..', 'bin', 'tscompose');
const env = { ...process.env, TSCOMPOSE_DEV: '1' };

test('the launcher runs the sources and passes arguments, streams and status on', async () => {
  const { stdout } = await promisify(execFile)(program, ['version', '--short'], { env });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  const failed = await promisify(execFile)(program, ['nonsense with blanks'], { env }).catch((error: unknown) => error);
  assert.match(String((failed as { stderr: string }).stderr), /unknown command "nonsense with blanks"/);
  assert.is((failed as { code: number }).code, 1);
});

test('--env-file is read by the program, not by Node: it is missing with our message, and the environment wins over it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-env-'));
  try {
    await writeFile(join(directory, 'compose.yaml'), 'services: { a: { image: "x:$TAG" } }\n');
    await writeFile(join(directory, 'one.env'), 'TAG=one\n');
    await writeFile(join(directory, 'two.env'), 'TAG=two\n');
    const run = (...argv: string[]) => promisify(execFile)(program, argv, { env, cwd: directory });
    const missing = await run('--env-file', 'no.env', 'config').catch((error: unknown) => error);
    assert.is((missing as { code: number }).code, 1);
    assert.match((missing as { stderr: string }).stderr, /load\.env-file-not-found/);
    const { stdout } = await run('--env-file', 'two.env', '--env-file', 'one.env', 'config', '--images');
    assert.is(stdout, 'x:one\n');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a link named docker-compose takes its way of arguments', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-link-'));
  try {
    await symlink(program, join(directory, 'docker-compose'));
    const { stdout } = await promisify(execFile)(join(directory, 'docker-compose'), ['--tls', '-v'], { env });
    assert.match(stdout, /Docker Compose version v5/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a reader that goes away ends the program quietly', async () => {
  const child = spawn(program, ['--help'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.is(stderr, '');
  assert.is(code, 0);
});

test('the variable of the launcher does not reach interpolation', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-env-'));
  try {
    const child = execFile(program, ['-f', '-', 'config', '--environment'], { env, cwd: directory });
    let stdout = '';
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stdin?.end('name: a\nservices: {a: {image: b}}\n');
    await new Promise((resolve) => child.on('close', resolve));
    assert.match(stdout, /^PATH=/m);
    assert.not.match(stdout, /TSCOMPOSE_PROGRAM/);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.run();
