import { hookIndex } from '#core/plan/pre-start.ts';
import { paint, prefixColours } from './colours.ts';

export interface LogPrinterRequest {
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly colour: boolean;
  readonly prefix: boolean;
  /** Text before each line, such as the local time. */
  readonly stamp?: (engineTime: string) => string;
}

export interface PrintedLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly time: string;
  /** Name whose colour it has too: a hook looks like its container. */
  readonly like?: string;
}

export interface LogPrinter {
  /** Makes room for a name and gives it its colour, before its first line. */
  register(name: string): void;
  line(name: string, line: PrintedLine): void;
  /** A line about a container, not of it: `web-1 exited with code 0`. */
  status(text: string): void;
}

/**
 * Log lines with the container's name before them: `web-1  | text`. The padding is one more than the longest name so far
 * and can grow as names appear; the colour of a name is the next of the cycle.
 */
export function logPrinter(request: LogPrinterRequest): LogPrinter {
  const colours = new Map<string, string>();
  let width = 0;
  const register = (name: string, like?: string): string => {
    const known = colours.get(name);
    if (known !== undefined) return known;
    const own = prefixColours[new Set(colours.values()).size % prefixColours.length] ?? '36';
    const colour = (like === undefined ? undefined : colours.get(like)) ?? own;
    colours.set(name, colour);
    width = Math.max(width, name.length + 1);
    return colour;
  };
  return {
    register: (name) => void register(name),
    line(name, { stream, text, time, like }) {
      const colour = register(name, like);
      const prefix = request.prefix ? paint(`${name.padEnd(width)} | `, colour, request.colour) : '';
      const write = stream === 'stderr' ? request.writeError : request.writeOut;
      write(`${prefix}${request.stamp?.(time) ?? ''}${text}\n`);
    },
    // The line may have the remains of a progress bar or `^C` on it.
    status: (text) => request.writeOut(`\r\x1b[K${text}\n`),
  };
}

/** The name before the lines of a lifecycle hook: `web pre_start[0] ->`, or `web-1 ->` in the container itself. */
export function hookLogName(container: { readonly name: string; readonly project: string; readonly service: string }): string {
  const name = logName(container);
  return name.endsWith(' ->') ? name : `${name} ->`;
}

/** The name before log lines: without `<project>-` when it is the default name; of a `pre_start` hook its place in the file. */
export function logName(container: { readonly name: string; readonly project: string; readonly service: string }): string {
  const { name, project, service } = container;
  const hook = hookIndex(container);
  if (hook !== undefined) return `${service} pre_start[${hook}] ->`;
  for (const separator of ['-', '_']) {
    const start = `${project}${separator}`;
    const rest = name.slice(start.length + service.length);
    if (name.startsWith(`${start}${service}`) && rest.startsWith(separator) && /^\d+$/.test(rest.slice(1)))
      return name.slice(start.length);
  }
  return name;
}
