import { stripVTControlCharacters } from 'node:util';
import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { Span } from '#core/source/span.ts';
import type { Host } from './host.ts';
import type { Settings } from './settings.ts';

/** Where the results and messages of a command go. */
export interface Output {
  /** Text on stdout, written as it is. */
  result(text: string): void;
  /** A message on stderr: a line with colour and source place, or an object when progress is json. */
  diagnostic(diagnostic: Diagnostic): void;
  /** A line on stderr. */
  note(text: string): void;
  /** From now on a message with a place in the model, but none in a file, gets the one that `locate` finds. */
  placedBy(locate: (path: readonly string[]) => Span | undefined): void;
  /** Messages go through `around` (a view's `interleave`) until the returned function is called, within what they go through already. */
  within(around: (write: () => void) => void): () => void;
}

/** Prints to the host's streams. */
export function openOutput(request: {
  readonly host: Pick<Host, 'stdout' | 'stderr'>;
  readonly settings: Pick<Settings, 'progress' | 'colourError'>;
  readonly print: (diagnostic: Diagnostic, options: { color: boolean }) => string;
}): Output {
  const { host, settings, print } = request;
  const arounds: ((write: () => void) => void)[] = [];
  const around = (write: () => void, depth = 0): void => {
    const outer = arounds[depth];
    if (outer === undefined) write();
    else outer(() => around(write, depth + 1));
  };
  let locate = (_path: readonly string[]): Span | undefined => undefined;
  const placed = (diagnostic: Diagnostic): Diagnostic => {
    const at = diagnostic.at ?? (diagnostic.path === undefined ? undefined : locate(diagnostic.path));
    return at === undefined ? diagnostic : { ...diagnostic, at };
  };
  const stderrLine = (text: string): void => around(() => void host.stderr.write(text.endsWith('\n') ? text : `${text}\n`));
  return {
    result: (text) => {
      host.stdout.write(text);
    },
    diagnostic: (told) => {
      const diagnostic = placed(told);
      stderrLine(
        settings.progress === 'json'
          ? JSON.stringify(messageObject(diagnostic))
          : print(diagnostic, { color: settings.colourError }),
      );
    },
    note: (text) => {
      if (settings.progress === 'json') stderrLine(JSON.stringify({ level: 'info', message: text }));
      else if (settings.progress !== 'quiet') stderrLine(text);
    },
    placedBy(find) {
      locate = find;
    },
    within(other) {
      arounds.push(other);
      return () => {
        const at = arounds.indexOf(other);
        if (at !== -1) arounds.splice(at, 1);
      };
    },
  };
}

function messageObject(diagnostic: Diagnostic): object {
  const base = { message: stripVTControlCharacters(diagnostic.message), code: diagnostic.code, hint: diagnostic.hint };
  return diagnostic.severity === 'error' ? { error: true, ...base } : { level: diagnostic.severity, ...base };
}
