import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';

/** What somebody decides about a registry; everything else is made from it. */
export interface Settings {
  /** What clients write: a name or an IP address. */
  readonly hostname: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** On 127.0.0.1: where the log container listens for the others' messages. */
  readonly logPort: number;
  /** For the first start; absent: one is made. */
  readonly adminPassword?: string;
  /** Absolute: where the data of a stack is that does not use named volumes. */
  readonly dataVolume: string;
  /** The release of the images, where they are somebody else's. */
  readonly version: string;
  /** Those of `trivy` and `metrics` that are true. */
  readonly switches: readonly string[];
}

const defaults = {
  http_port: 80,
  https_port: 443,
  log_port: 1514,
  data_volume: '/data',
  version: 'v2.15.2',
  trivy: false,
  metrics: false,
} as const;
const basicKeys = ['hostname', 'http_port', 'https_port', 'log_port', 'admin_password'];

/**
 * Reads `settings.yaml` of a sample's directory. `more` names the keys that this sample has beyond the basic ones. Throws
 * with all that is wrong in it, a line each as `file:line: …`.
 */
export function readSettings(directory: string, more: readonly string[] = []): Settings {
  const file = join(directory, 'settings.yaml');
  if (!existsSync(file)) throw new Error(`there is no ${file}: copy settings.example.yaml and write your hostname into it`);
  return parseSettings({ text: readFileSync(file, 'utf8'), file, more });
}

/** `file` is for messages only. */
export function parseSettings(request: {
  readonly text: string;
  readonly file: string;
  readonly more: readonly string[];
}): Settings {
  const { text, file, more } = request;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = document.errors.map((error) => `${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
  const written: unknown = document.toJS();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new Error(`${file}:1: write "hostname: registry.example.com", at least`);
  const values: Readonly<Record<string, unknown>> = { ...defaults, ...written };
  const complain = (key: string, what: string): void => {
    problems.push(`${file}:${lineOf(key, text)}: ${key} ${what}`);
  };
  const keys = [...basicKeys, ...more];
  for (const key of Object.keys(written)) {
    if (!keys.includes(key)) complain(key, `is not known; there are ${keys.join(', ')}`);
  }
  const settings = { ...ports(values, complain), ...names(values, complain), ...choices(values, complain) };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return settings;
}

type Complain = (key: string, what: string) => void;

function ports(
  values: Readonly<Record<string, unknown>>,
  complain: Complain,
): Pick<Settings, 'httpPort' | 'httpsPort' | 'logPort'> {
  const port = (key: string): number => {
    const value = values[key];
    const isPort = typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
    if (!isPort) complain(key, 'must be a number from 1 to 65535');
    return isPort ? value : 0;
  };
  const all = { httpPort: port('http_port'), httpsPort: port('https_port'), logPort: port('log_port') };
  if (new Set(Object.values(all)).size < 3) complain('https_port', 'must differ from http_port and log_port');
  return all;
}

function names(
  values: Readonly<Record<string, unknown>>,
  complain: Complain,
): Pick<Settings, 'hostname' | 'adminPassword' | 'dataVolume'> {
  const { hostname, admin_password: password, data_volume: volume } = values;
  const isHost = typeof hostname === 'string' && (isIP(hostname) !== 0 || isHostName(hostname));
  if (!isHost) complain('hostname', 'must be a name such as registry.example.com, or an IP address');
  if (password !== undefined && (typeof password !== 'string' || password.length < 8 || /[\n\r'\\]/.test(password)))
    complain('admin_password', 'must be a text of 8 characters at least, on one line, without single quotes and backslashes');
  if (typeof volume !== 'string' || !/^\/[\w./-]+$/.test(volume)) complain('data_volume', 'must be an absolute path');
  return {
    hostname: String(hostname),
    ...(password === undefined ? {} : { adminPassword: String(password) }),
    dataVolume: String(volume),
  };
}

function choices(values: Readonly<Record<string, unknown>>, complain: Complain): Pick<Settings, 'version' | 'switches'> {
  const { version } = values;
  if (typeof version !== 'string' || !/^[\w][\w.-]*$/.test(version)) complain('version', 'must be a tag such as v2.15.2');
  const switches = ['trivy', 'metrics'];
  for (const key of switches) if (typeof values[key] !== 'boolean') complain(key, 'must be true or false');
  return { version: String(version), switches: switches.filter((key) => values[key] === true) };
}

function isHostName(text: string): boolean {
  return text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text);
}

function lineOf(key: string, text: string): number {
  const index = text.split('\n').findIndex((line) => line.startsWith(`${key}:`));
  return index === -1 ? 1 : index + 1;
}
