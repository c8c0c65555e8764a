import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Issued } from './certificate-authority.ts';

export interface DockerRegistry extends AsyncDisposable {
  readonly port: number;
  /** At once, without waiting for its end. */
  kill(): void;
}

export interface DockerRegistryOptions {
  /** For its data; must exist. */
  readonly directory: string;
  readonly tls?: Issued;
  /** Authority of client certificates that are asked for. */
  readonly clientAuthority?: string;
  /** Lets `me` with the password `secret` in, nobody else. */
  readonly hasPassword?: boolean;
  readonly token?: { readonly realm: string; readonly rootCertificates: string };
}

/** bcrypt of `secret`. */
const passwordLine = 'me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';
const patienceMs = 30_000;

/** Debian's docker-registry on a free port of loopback. */
export async function startDockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const { directory, tls, token, clientAuthority } = options;
  const port = await freePort();
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'registry.json');
  const htpasswd = join(directory, 'htpasswd');
  writeFileSync(htpasswd, passwordLine);
  const auth = {
    ...(options.hasPassword ? { htpasswd: { realm: 'test', path: htpasswd } } : {}),
    ...(token === undefined
      ? {}
      : { token: { realm: token.realm, service: 'test', issuer: 'issuer', rootcertbundle: token.rootCertificates } }),
  };
  // JSON is YAML.
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'data') }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'test',
      ...(tls === undefined
        ? {}
        : {
            tls: {
              certificate: tls.certificate,
              key: tls.key,
              ...(clientAuthority === undefined ? {} : { clientcas: [clientAuthority] }),
            },
          }),
    },
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  };
  writeFileSync(file, JSON.stringify(config));
  const log = join(directory, 'log');
  const logFile = openSync(log, 'w');
  // It must not outlive a test that is killed.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'docker-registry', 'serve', file], {
    stdio: ['ignore', 'ignore', logFile],
    env: { PATH: process.env['PATH'] },
  });
  closeSync(logFile);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code) => resolve(`it ended with ${code}`));
  });
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (const end = Date.now() + patienceMs; !(await listens(port)); ) {
    if (isOver || Date.now() > end)
      throw new Error(
        `docker-registry did not start: ${isOver ? await ended : 'timeout'}: ${readFileSync(log, 'utf8').slice(-2000)}`,
      );
    await sleep(50);
  }
  // A test that is through must not wait for it.
  child.unref();
  return {
    port,
    kill: () => void child.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      child.ref();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Below the ports that the kernel gives to connections, so that none of those can take it meanwhile. */
async function freePort(): Promise<number> {
  const first = 25_100 + (process.pid % 300);
  for (let port = first; port < first + 1000; port++) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
  throw new Error('no free port');
}

async function listens(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
