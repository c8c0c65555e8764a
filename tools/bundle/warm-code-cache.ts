import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Script } from 'node:vm';
import type * as Bundle from '#cli/bundle.ts';
import type { Engine } from '#core/engine/engine.ts';
import { memoryEngine } from '#core/engine/memory-engine.ts';

const stack = `
name: warm
services:
  web:
    image: web
    command: ["sh", "-c", "exec serve"]
    ports: ["8080:80"]
    depends_on: { db: { condition: service_healthy } }
    environment: { GREETING: "\${GREETING:-hello}" }
    networks: [front]
    configs: [settings]
    deploy: { resources: { limits: { memory: 64m } } }
  db:
    image: db
    volumes: ["data:/data", "./here:/here:ro"]
    healthcheck: { test: ["CMD", "true"], interval: 1s }
    networks: { front: { aliases: [database] } }
    restart: unless-stopped
volumes: { data: {} }
networks: { front: {} }
configs: { settings: { content: "a=b" } }
`;

/** With an engine in memory, then with the one of this machine, whose containers these commands only look at. */
const changing = [
  ['version'],
  ['config'],
  ['plan'],
  ['up', '-d'],
  ['up', '-d'],
  ['ps'],
  ['stop'],
  ['start'],
  ['restart'],
  ['down', '-v'],
];
const looking = [['ps'], ['ps', '-a', '--format', 'json'], ['ls'], ['images'], ['up', '--dry-run'], ['logs'], ['down']];

/**
 * Runs commands of the bundle in this process and writes what V8 has compiled for them; returns the number of bytes. What a
 * command says or fails with does not matter: a machine that cannot run containers yet gets a smaller cache.
 */
export async function warmCodeCache(bundle: string, target: string): Promise<number> {
  const script = new Script(await readFile(bundle, 'latin1'), { filename: bundle });
  const main = { exports: {} as typeof Bundle };
  const run = script.runInThisContext() as (...scope: unknown[]) => void; // the bundle's own wrapper
  run(main.exports, createRequire(bundle), main, bundle, dirname(bundle));
  const directory = await mkdtemp(join(tmpdir(), 'tscompose-build-'));
  try {
    await writeFile(join(directory, 'compose.yaml'), stack);
    const engine = memoryEngine({ images: ['web', 'db'] });
    for (const argv of changing) await runOnce(main.exports, { argv, directory, engine });
    for (const argv of looking) await runOnce(main.exports, { argv, directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const data = script.createCachedData();
  await writeFile(target, data);
  return data.length;
}

async function runOnce(
  { run, processHost }: typeof Bundle,
  { argv, directory, engine }: { readonly argv: readonly string[]; readonly directory: string; readonly engine?: Engine },
): Promise<void> {
  const host = processHost();
  const env = { PATH: process.env['PATH'], HOME: directory, TSCOMPOSE_ROOT: join(directory, 'root') };
  await run({
    ...host,
    program: 'tscompose',
    argv,
    env,
    cwd: directory,
    stdin: Readable.from([]),
    stdout: nowhere(),
    stderr: nowhere(),
    ...(engine === undefined ? {} : { openEngine: async () => engine }),
  }).catch(() => {});
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
