import type { ObservedContainer } from '#core/observe/observed.ts';
import { paint } from '../colours.ts';
import { displayWidth, harmless, truncate } from '../text.ts';

/** What the live view shows of a service. */
export interface WatchRow {
  readonly service: string;
  readonly containers: readonly ObservedContainer[];
  /** What the watch did last, or does now; empty: nothing yet. */
  readonly last: string;
  readonly isBusy: boolean;
  readonly isWatched: boolean;
}

export interface WatchFrame {
  readonly rows: readonly WatchRow[];
  /** Whose output is shown: a service, all (undefined) or nobody's (empty). */
  readonly logsOf: string | undefined;
  /** A question to the user, instead of the keys. */
  readonly question?: string | undefined;
  readonly columns: number;
  readonly maxRows: number;
  readonly colour: boolean;
}

/** The block at the bottom of the screen: a line a service, and the keys. None is wider than the terminal. */
export function watchRows(frame: WatchFrame): string[] {
  // A long name must not push away what is to be told of all.
  const most = Math.max(12, Math.floor(frame.columns / 3));
  const width = Math.min(most, Math.max(0, ...frame.rows.map((row) => displayWidth(row.service))));
  // Watched services first: they are what the keys are for.
  const sorted = [...frame.rows].sort((a, b) => Number(b.isWatched) - Number(a.isWatched) || (a.service < b.service ? -1 : 1));
  const room = Math.max(1, frame.maxRows - 1);
  const shown = sorted.length <= room ? sorted : sorted.slice(0, Math.max(1, room - 1));
  const more = sorted.length - shown.length;
  return [...shown.map((row) => rowText(row, { ...frame, width })), ...(more > 0 ? [` … ${more} more`] : []), footer(frame)];
}

function rowText(row: WatchRow, frame: WatchFrame & { readonly width: number }): string {
  const { state, code } = stateOf(row);
  const glyph = row.isBusy ? '⟳' : row.isWatched ? '⦿' : '·';
  const short = truncate(row.service, frame.width);
  const name = short + ' '.repeat(frame.width - displayWidth(short));
  const plain = truncate(` ${glyph} ${name}  ${state}  ${harmless(row.last)}`, frame.columns - 1);
  return plain.replace(`  ${state}`, `  ${paint(state, code, frame.colour)}`);
}

/** `running`, `healthy`, `2/3 running`, `exited (1)`: the worst that is to be told. */
function stateOf({ containers }: WatchRow): { readonly state: string; readonly code: string } {
  const [first] = containers;
  if (first === undefined) return { state: 'absent', code: '2' };
  const running = containers.filter((one) => one.state === 'running');
  if (running.length < containers.length) {
    const other = containers.find((one) => one.state !== 'running') ?? first;
    const ended = other.exitCode === undefined ? other.state : `${other.state} (${other.exitCode})`;
    return { state: containers.length === 1 ? ended : `${running.length}/${containers.length} running`, code: '33' };
  }
  const health = containers.map((one) => one.health);
  const worst = ['unhealthy', 'starting', 'healthy'].find((one) => health.some((has) => has === one));
  const count = containers.length > 1 ? `${containers.length} ` : '';
  return { state: `${count}${worst ?? 'running'}`, code: worst === 'unhealthy' ? '31' : worst === 'starting' ? '33' : '32' };
}

function footer({ question, logsOf, columns, colour }: WatchFrame): string {
  if (question !== undefined) return paint(`${truncate(harmless(question), Math.max(1, columns - 7))} [y/n]`, '1;33', colour);
  const logs = logsOf === undefined ? 'all' : logsOf === '' ? 'none' : logsOf;
  return paint(truncate(` r restart   b rebuild   l logs: ${logs}   q quit`, columns - 1), '2', colour);
}
