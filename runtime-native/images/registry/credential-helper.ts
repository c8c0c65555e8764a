import { spawn } from 'node:child_process';
import { RegistryError } from './registry-error.ts';

export interface HelperCall {
  /** Suffix of the program: `pass` is `docker-credential-pass`. */
  readonly name: string;
  readonly action: 'get' | 'store' | 'erase';
  /** A server key, or for `store` the whole entry as JSON. */
  readonly input: string;
  /** Helpers are the user's programs and need the user's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Long enough to unlock a key store by hand. */
const patienceMs = 120_000;

/** Runs a credential helper (docker-credential-helpers protocol); undefined: it has nothing for this server. */
export async function callCredentialHelper(call: HelperCall): Promise<string | undefined> {
  const program = `docker-credential-${call.name}`;
  if (!/^[\w.-]+$/.test(call.name)) throw new RegistryError(`"${call.name}" is no name of a credential helper`);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, [call.action], {
    env: call.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: patienceMs,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {}); // EPIPE: it ended before it read all; its status tells why.
  child.on('error', reject);
  child.on('close', (code) => resolve(code ?? -1));
  child.stdin.end(call.input);
  const status = await promise.catch((error: unknown) => {
    call.signal?.throwIfAborted();
    throw new RegistryError(
      `the credential helper "${program}" cannot be run: ${error instanceof Error ? error.message : error}`,
      {
        cause: error,
        advice: 'install it, or remove "credsStore" and "credHelpers" from Docker\'s config.json',
      },
    );
  });
  const text = Buffer.concat(out).toString();
  if (status === 0) return text;
  // The protocol has no status for it: helpers print this sentence of the Go library on stdout.
  const words = `${text} ${Buffer.concat(err).toString()}`.trim().slice(0, 300);
  if (/credentials not found|no credentials/i.test(words)) return undefined;
  throw new RegistryError(`the credential helper "${program} ${call.action}" failed: ${words}`);
}
