import { spawn } from 'node:child_process';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { Compression } from './media-types.ts';

/** Requests of the native helper; runtime-native/supervisor/src/helper/README.md has their meaning. */
export type HelperRequest =
  | {
      readonly op: 'unpack';
      /** Absent: the stream that is given along. */
      readonly source?: string;
      readonly offset?: number;
      readonly length?: number;
      readonly target: string;
      readonly blob?: string;
      readonly maxBytes?: number;
    }
  | {
      readonly op: 'pack';
      readonly upper?: string;
      readonly lower: readonly string[];
      /** Absent: the output that is given along. */
      readonly target?: string;
      readonly compression?: Compression;
      readonly clampTime?: number;
      readonly mountPoints?: readonly string[];
    }
  | {
      readonly op: 'adopt-directories';
      readonly layer: string;
      readonly lower: readonly string[];
      readonly paths: readonly string[];
    }
  | { readonly op: 'disk-usage'; readonly paths: readonly string[] }
  | { readonly op: 'read-files'; readonly lower: readonly string[]; readonly paths: readonly string[] }
  | { readonly op: 'remove-tree'; readonly path: string }
  | ({
      readonly op: 'scan';
      readonly paths: readonly string[];
      readonly digests?: boolean;
      readonly recursive?: boolean;
      readonly xattrs?: boolean;
      readonly follow?: boolean;
    } & ContainerRoot)
  | { readonly op: 'copy-out'; readonly source: ContainerRoot; readonly path: string; readonly as: string }
  | {
      readonly op: 'copy-in';
      readonly target: ContainerRoot;
      /** An existing directory. */
      readonly path: string;
      readonly uid?: number;
      readonly gid?: number;
    }
  | {
      readonly op: 'place';
      readonly source?: TreeRoot;
      readonly target: TreeRoot;
      readonly uid?: number;
      readonly gid?: number;
      readonly xattrs?: boolean;
      readonly jobs: readonly PlaceJob[];
    }
  | {
      readonly op: 'add-archive';
      readonly source?: TreeRoot;
      /** Absent: the stream that is given along. */
      readonly from?: string;
      readonly target: TreeRoot;
      readonly to: string;
    };

/** A tree for `copy-out` and `copy-in`: as below, what a process of a container sees, or a container's overlay with its mounts. */
export type ContainerRoot =
  | TreeRoot
  | { readonly process: { readonly pid: number; readonly startTime: number } }
  | {
      readonly lower: readonly string[];
      readonly upper: string;
      readonly work: string;
      readonly mounts: readonly { readonly source: string; readonly target: string }[];
    };

/** A directory, or overlay directories (topmost first) that are looked at merged; with `upper` what is written goes there. */
export type TreeRoot =
  | { readonly root: string }
  | { readonly lower: readonly string[]; readonly upper?: string; readonly work?: string };

/** Kind, path in the source, path in the target, mode. */
export type PlaceJob = readonly ['F' | 'f' | 'n' | 'D' | 'd' | 'm' | 't', string, string, number];

export interface HelperOptions {
  readonly helper: string;
  /** What the helper reads as fd 3; destroyed at the end. */
  readonly stream?: Readable;
  /** What the helper writes to fd 3 goes there; left open. */
  readonly output?: NodeJS.WritableStream;
  readonly signal?: AbortSignal | undefined;
}

/** What the helper refused: `archive` is damaged or forbidden input, `limit` too much of it. */
export class HelperError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'HelperError';
    this.reason = reason;
  }
}

/** Runs one request; rejects with a `HelperError`, or with the signal's reason when it aborts. */
export async function runHelper(request: HelperRequest, options: HelperOptions): Promise<Readonly<Record<string, unknown>>> {
  options.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(options.helper, [], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', options.stream === undefined && options.output === undefined ? 'ignore' : 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const kill = () => void child.kill('SIGKILL');
  options.signal?.addEventListener('abort', kill, { once: true });
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  child.on('error', (error) => reject(new TscomposeError(notStarted(options.helper, error), { cause: error })));
  child.on('close', () => resolve(Buffer.concat(out).toString()));
  child.stdin?.on('error', () => {}); // EPIPE: it ended before it read all; its answer tells why.
  child.stdin?.end(JSON.stringify(request));
  const feeding = transfer(options, child.stdio[3]);
  try {
    const text = await promise;
    // Where the output goes to failed first: that the helper could not write is the consequence.
    const outputFailure = options.output === undefined ? undefined : await feeding;
    if (outputFailure !== undefined) throw outputFailure;
    const answer = parseAnswer(text, () => `${options.helper} ${Buffer.concat(err).toString().slice(-500)}`.trim());
    const failure = await feeding;
    if (failure !== undefined) throw failure;
    return answer;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', kill);
    // Nobody reads it any more; a terminal or pipe left open would keep the program waiting.
    options.stream?.destroy();
  }
}

function notStarted(helper: string, error: Error): Diagnostic {
  return 'code' in error && error.code === 'ENOENT'
    ? diagnose('engine.requirement-missing', {
        what: `the native helper "${helper}" is missing`,
        command: 'tscompose doctor --fix',
      })
    : diagnose('supervisor.died', { what: helper });
}

/** Connects the helper's fd 3; resolves with the error of the other side, if it had one. */
async function transfer(options: HelperOptions, channel: unknown): Promise<unknown> {
  // A helper that ends without reading all resets the connection, perhaps after the pipeline has let go of it.
  if (channel instanceof Duplex) channel.on('error', () => {});
  if (options.stream !== undefined) return feed(options.stream, channel);
  if (options.output === undefined || !(channel instanceof Readable)) return undefined;
  return pipeline(channel, options.output, { end: false }).catch((error: unknown) => error);
}

/** Resolves with the error of the source, if it had one: the helper would take its early end for the end of the data. */
async function feed(source: Readable, target: unknown): Promise<unknown> {
  try {
    // Node types the fourth stdio entry as readable or writable; a `pipe` is both.
    await pipeline(source, target as NodeJS.WritableStream);
    return undefined;
  } catch (error) {
    // EPIPE: the helper stopped reading; what it answered says why.
    return error instanceof Error && 'code' in error && error.code === 'EPIPE' ? undefined : error;
  }
}

function parseAnswer(text: string, name: () => string): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new TscomposeError(diagnose('supervisor.died', { what: name() }));
  }
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) throw new Error(`bad answer of the helper: ${text}`);
  if (answer.ok === true) return answer as Readonly<Record<string, unknown>>; // parser: members are checked by the caller
  const { reason, message } = answer as { readonly reason?: unknown; readonly message?: unknown };
  throw new HelperError(String(reason), String(message));
}
