import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { World } from '../../../../cli/test/scenario.ts';
import { prepareRegistry } from '../../../../samples/registry/prepare.ts';

export const services = [
  'log',
  'postgresql',
  'redis',
  'registry',
  'registryctl',
  'core',
  'jobservice',
  'portal',
  'proxy',
] as const;

const sample = join(import.meta.dirname, '../../../../samples/registry');
/** Not of the loopback network, where clients take a registry without TLS for granted. */
const hostname = '198.51.100.28';
const link = 'tscregistry';

/** A place where the registry's sample can be brought up as on a machine of its own. */
export interface RegistryStage {
  /** `host:port`. */
  readonly address: string;
  /** Where a client's settings are: `TSCOMPOSE_CONFIG` and `DOCKER_CONFIG` of this process point below it. */
  readonly home: string;
  /** Copies the sample into the scenario's project directory and prepares it. */
  unfold(world: World): void;
  /** The directory with our authority as clients want it; makes clients trust it. */
  trust(world: World): string;
  /** An answer of the registry's API or token service, as somebody (`name:password`) or nobody. */
  ask(world: World, question: Question): Promise<Answer>;
}

export interface Question {
  readonly path: string;
  readonly method?: string;
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Makes an address for the registry and settings for its clients, until this process ends. `ports`: http, https, log. */
export function openStage(ports: readonly [number, number, number]): RegistryStage {
  const [http, https, log] = ports;
  const home = mkdtempSync('/tmp/tsc-registry-');
  process.env['TSCOMPOSE_CONFIG'] = join(home, 'etc/config.json');
  process.env['DOCKER_CONFIG'] = join(home, 'docker');
  process.once('exit', () => {
    spawnSync('ip', ['link', 'delete', link], { timeout: 20_000 });
    rmSync(home, { recursive: true, force: true });
  });
  spawnSync('ip', ['link', 'delete', link], { timeout: 20_000 }); // of a run that was killed
  ip('link', 'add', link, 'type', 'bridge');
  ip('address', 'add', `${hostname}/32`, 'dev', link);
  ip('link', 'set', link, 'up');
  const address = `${hostname}:${https}`;
  return {
    address,
    home,
    unfold(world) {
      cpSync(sample, world.directory, { recursive: true, filter: (path) => !/\/(prepared|settings\.yaml|\.env)$/.test(path) });
      const settings = { hostname, http_port: http, https_port: https, log_port: log, admin_password: 'administrator' };
      writeFileSync(join(world.directory, 'settings.yaml'), JSON.stringify(settings));
      // The scenario finds its containers by this project's name.
      const compose = join(world.directory, 'compose.yaml');
      writeFileSync(compose, readFileSync(compose, 'utf8').replace('name: registry', `name: ${world.project}`));
      // No push is going on when the test collects garbage.
      const jobs = join(world.directory, 'jobservice.env');
      writeFileSync(jobs, readFileSync(jobs, 'utf8').replace(/^GC_DRAIN_SECONDS=.*$/m, 'GC_DRAIN_SECONDS=0'));
      prepareRegistry(world.directory);
    },
    trust(world) {
      const directory = join(home, 'etc/certs.d', address);
      mkdirSync(directory, { recursive: true });
      cpSync(authority(world), join(directory, 'ca.crt'));
      return directory;
    },
    ask: (world, question) => askOverTls({ ...question, hostname, port: https, ca: readFileSync(authority(world)) }),
  };
}

function authority(world: World): string {
  return join(world.directory, 'prepared/ca/ca.crt');
}

function ip(...argv: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', argv, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) throw new Error(`ip ${argv.join(' ')}: ${stderr}`);
}

function askOverTls(
  question: Question & { readonly hostname: string; readonly port: number; readonly ca: Buffer },
): Promise<Answer> {
  const { path, method = 'GET', as, body, headers = {}, hostname: host, port, ca } = question;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request({
    host,
    port,
    ca,
    path,
    method,
    agent: false,
    timeout: 30_000,
    headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(as === undefined ? {} : { auth: as }),
  });
  outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error(`${path} does not answer`)));
  outgoing.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers })).on('error', reject);
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
