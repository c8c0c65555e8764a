import type { Readable } from 'node:stream';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Told } from '#core/watch/file-event.ts';
import type { WatchRoot } from '#core/watch/root.ts';

/**
 * All that a run of the command line gets from outside; tests hand in their own. `main.ts` builds it from the process.
 */
export interface Host {
  /** What the program was called as: `tscompose`, or `docker-compose` for its way of arguments. */
  readonly program: string;
  /** Without program and script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Input;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Calls the listener for each SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (name: 'SIGINT' | 'SIGTERM') => void) => () => void;
  /** The same for SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2, which otherwise do what the system does by default. */
  readonly onOtherSignal?: (listener: (name: NodeJS.Signals) => void) => () => void;
  /** Standard input's terminal gives each key as it is and shows each byte as it is (with `keysOnly` lines end as usual); false: as before. */
  readonly setRaw?: (raw: boolean, keysOnly?: boolean) => void;
  /** Calls the listener when the size of the terminal changes. */
  readonly onResize?: (listener: () => void) => () => void;
  /** Changes of files until the signal aborts. Rejects with `watch.*`. */
  readonly watchFiles: (request: WatchFilesRequest) => AsyncIterable<Told>;
  /** Fetches a definition from a git repository or a registry; the path of its compose file. Rejects with `engine.definition-refused`. */
  readonly fetchDefinition?: (request: FetchRequest) => Promise<string>;
  readonly openEngine: (options: EngineOptions) => Promise<Engine>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs a command line with `sh`, its output on stderr; resolves with the exit status (128 and more for a signal). */
  readonly runShell: (command: string) => Promise<number>;
  /** Ends the process at once: the second signal of somebody who does not want to wait. */
  readonly abandon: (exitCode: number) => void;
}

export interface WatchFilesRequest {
  readonly roots: readonly WatchRoot[];
  readonly env: Host['env'];
  readonly signal: AbortSignal;
}

export interface FetchRequest {
  readonly reference: string;
  readonly env: Host['env'];
  readonly insecureRegistries: readonly string[];
  readonly signal: AbortSignal;
}

export interface EngineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onNotice: (diagnostic: Diagnostic) => void;
}

export type Input = Readable & { readonly isTTY?: boolean };

export type TextOutput = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Whoever reads it is behind: `drain` comes. */
  readonly writableNeedDrain?: boolean;
};
