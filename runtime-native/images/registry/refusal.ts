import { RegistryError } from './registry-error.ts';
import { durationText, type RetryDelay } from './retry-delay.ts';
import type { HttpResponse } from './transport.ts';

const mostBytes = 10_000;

/** The error for an answer that nobody wanted, in the registry's own words where they say more than the status. */
export async function refusal(response: HttpResponse, registry: string): Promise<RegistryError> {
  const { status } = response;
  const words = /"message"\s*:\s*"([^"]{1,300})"/.exec(await beginning(response))?.[1];
  const told = words === undefined ? '' : `: ${words}`;
  if (status === 401 || status === 403) {
    return new RegistryError(`${registry} denies access${told} (HTTP ${status})`, {
      status,
      advice: `check the name and your rights, or log in with "tscompose login ${registry}"`,
    });
  }
  if (status === 404) return new RegistryError(`there is no such image on ${registry}${told} (HTTP 404)`, { status });
  if (status === 413)
    return new RegistryError(`${registry}, or a proxy before it, refuses uploads of this size (HTTP 413)`, { status });
  return new RegistryError(`${registry} refuses${told} (HTTP ${status})`, { status });
}

export function tooManyRequests(registry: string, delay: RetryDelay): RegistryError {
  const limit = delay.limit === undefined ? '' : ` (${delay.limit})`;
  const reset =
    delay.resetMs === undefined ? '' : `; it answers again at ${clockText(delay.resetMs)}, in ${durationText(delay.delayMs)}`;
  return new RegistryError(`${registry} allows no more requests now${limit}${reset}`, {
    status: 429,
    advice: `wait, log in with "tscompose login ${registry}", or set a mirror`,
  });
}

export function unreachable(registry: string, error: unknown): RegistryError {
  const message = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  const advice = isUnknownHost(error) ? 'check the name of the registry, and the resolver of this machine' : undefined;
  return new RegistryError(`${registry} cannot be reached: ${message}`, { cause: error, advice });
}

/** The name is wrong: asking again gives the same answer. */
export function isUnknownHost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function beginning(response: HttpResponse): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.body) {
      text += String(chunk);
      if (text.length > mostBytes) break;
    }
  } catch {
    // What has come is enough; the status says the rest.
  }
  return text;
}

function clockText(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
