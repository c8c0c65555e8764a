import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a provider says of itself: the parameters of each of its commands. A command that is absent is not known to it. */
export interface ProviderMetadata {
  readonly up?: readonly ProviderParameter[];
  readonly stop?: readonly ProviderParameter[];
  readonly down?: readonly ProviderParameter[];
}

export interface ProviderParameter {
  readonly name: string;
  readonly required: boolean;
}

const answerMs = 10_000;

/** Asks `<program> compose metadata`; undefined when it does not answer with JSON: then it takes every option. */
export async function readMetadata(program: string, env: NodeJS.ProcessEnv): Promise<ProviderMetadata | undefined> {
  try {
    const { stdout } = await run(program, ['compose', 'metadata'], { env, timeout: answerMs, maxBuffer: 1024 * 1024 });
    return metadataOf(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}

function metadataOf(value: unknown): ProviderMetadata | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const commands = value as Record<string, { parameters?: unknown } | undefined>; // each one is checked below
  const entries = (['up', 'stop', 'down'] as const).flatMap((command) => {
    const known = commands[command];
    if (typeof known !== 'object' || known === null) return [];
    const list = Array.isArray(known.parameters) ? known.parameters : [];
    return [[command, list.flatMap(parameterOf)] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function parameterOf(value: unknown): readonly ProviderParameter[] {
  if (typeof value !== 'object' || value === null || !('name' in value)) return [];
  const required = 'required' in value && (value.required === true || value.required === 'true');
  return [{ name: String(value.name), required }];
}
