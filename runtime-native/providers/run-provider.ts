import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { ProviderMessage, ProviderRequest, ProviderVariable } from '#core/engine/provider.ts';
import { findProvider } from './find-provider.ts';
import { type ProviderMetadata, readMetadata } from './provider-metadata.ts';

/** One line of a provider's standard output. */
interface Line {
  readonly type: string;
  readonly message: string;
}

/** Runs a provider's program for one service. See `EngineProviders.runProvider`. */
export async function runProvider(
  env: NodeJS.ProcessEnv,
  request: ProviderRequest,
  hooks: { readonly onMessage: (message: ProviderMessage) => void; readonly signal?: AbortSignal | undefined },
): Promise<readonly ProviderVariable[]> {
  const refuse = (reason: string) =>
    new TscomposeError(diagnose('engine.provider-failed', { service: request.service, type: request.type, reason }));
  const program = findProvider(request.type, env);
  if (program === undefined) throw refuse(`there is no program "docker-${request.type}" or "${request.type}"`);
  const metadata = await readMetadata(program, env);
  if (request.command === 'stop' && metadata?.stop === undefined) return [];
  const options = argumentsOf(request, metadata);
  if ('missing' in options) {
    throw refuse(`required parameter "${options.missing}" is missing from provider "${request.type}" definition`);
  }
  const argv = ['compose', `--project-name=${request.project}`, request.command, ...options.argv, request.service];
  const variables: ProviderVariable[] = [];
  const failure = await runLines(program, { argv, env, signal: hooks.signal, onLine });
  hooks.signal?.throwIfAborted();
  if (failure !== undefined) throw refuse(failure);
  return variables;

  /** Answers what is wrong with the line, or what it reports as failed. */
  function onLine({ type, message }: Line): string | undefined {
    switch (type) {
      case 'info':
        hooks.onMessage({ level: 'info', text: message.split('\n', 1)[0] ?? '' });
        return undefined;
      case 'debug':
        hooks.onMessage({ level: 'debug', text: message });
        return undefined;
      case 'setenv':
      case 'rawsetenv': {
        const at = message.indexOf('=');
        if (at < 1) return `it set "${message}", which is not NAME=VALUE`;
        variables.push({ name: message.slice(0, at), value: message.slice(at + 1), raw: type === 'rawsetenv' });
        return undefined;
      }
      case 'error':
        return message;
      default:
        return `it wrote a message of type "${type}", which nobody knows`;
    }
  }
}

/** Options as `--name=value`, repeated ones repeated; with metadata only the parameters that it lists. */
function argumentsOf(
  { options, command }: ProviderRequest,
  metadata: ProviderMetadata | undefined,
): { readonly argv: readonly string[] } | { readonly missing: string } {
  const parameters = metadata?.[command];
  const missing = parameters?.find((one) => one.required && options[one.name] === undefined);
  if (missing !== undefined) return { missing: missing.name };
  const argv = Object.entries(options)
    .filter(([name]) => parameters === undefined || parameters.some((one) => one.name === name))
    .flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
  return { argv };
}

async function runLines(
  program: string,
  run: {
    readonly argv: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly signal: AbortSignal | undefined;
    readonly onLine: (line: Line) => string | undefined;
  },
): Promise<string | undefined> {
  const child = spawn(program, run.argv, {
    env: run.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2048);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit status ${code}`)));
  });
  let failure: string | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    if (text.trim() !== '') failure ??= run.onLine(parseLine(text));
  }
  const status = await ended;
  return failure ?? (status === undefined ? undefined : [status, errors.trim().split('\n').at(-1)].filter(Boolean).join(': '));
}

function parseLine(text: string): Line {
  try {
    const { type, message } = JSON.parse(text) as Partial<Line>; // checked below
    if (typeof type === 'string' && typeof message === 'string') return { type, message };
  } catch {
    // Not JSON: refused with its own words.
  }
  return { type: 'error', message: `it wrote "${text.slice(0, 200)}", which is not a message of the provider protocol` };
}
