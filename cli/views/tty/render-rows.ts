import { paint } from '../colours.ts';
import type { Progress } from '../progress.ts';
import { sizeText } from '../sizes.ts';
import { displayWidth, harmless, truncate } from '../text.ts';

export interface Row {
  readonly id: string;
  readonly status: Progress['status'];
  readonly text: string;
  readonly details: string;
  /** Layers of a pull. */
  readonly parts: Map<string, { readonly current: number; readonly total: number }>;
  /** Since when, and above how many bytes, the speed is measured. */
  readonly rate?: { startMs: number; startBytes: number };
  readonly startMs: number;
  readonly endMs: number | undefined;
}

export interface Frame {
  readonly operation: string;
  readonly columns: number;
  readonly maxRows: number;
  readonly nowMs: number;
  readonly colour: boolean;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const bars = ['⠀', '⡀', '⣀', '⣄', '⣤', '⣦', '⣶', '⣷', '⣿'];
const glyphs = { Done: ['✔', '32'], Warning: ['!', '33'], Error: ['✘', '31'] } as const;

/** The header and one line a row, none wider than the terminal; rows that do not fit are counted in a last line. */
export function renderRows(rows: readonly Row[], frame: Frame): string[] {
  const done = rows.filter((row) => row.status !== 'Working').length;
  const header = `[+] ${frame.operation} ${done}/${rows.length}`;
  const shown = rows.length <= frame.maxRows ? rows : mostUseful(rows, Math.max(1, frame.maxRows - 1));
  const lines = shown.map((row) => renderRow(row, idWidthOf(shown, frame), frame));
  const more = rows.length - shown.length;
  return [
    done === rows.length ? paint(header, '34', frame.colour) : header,
    ...lines,
    ...(more > 0 ? [` ... ${more} more`] : []),
  ];
}

/** The column of the ids: as wide as the longest, so long as the longest word beside it has room. */
function idWidthOf(rows: readonly Row[], frame: Frame): number {
  const longest = Math.max(...rows.map((row) => displayWidth(harmless(row.id))));
  const words = Math.max(...rows.map((row) => displayWidth(harmless(row.text))));
  const seconds = Math.max(...rows.map((row) => secondsText(row, frame.nowMs).length));
  return Math.min(longest, Math.max(8, frame.columns - words - seconds - 7));
}

function secondsText(row: Row, nowMs: number): string {
  return `${(((row.endMs ?? nowMs) - row.startMs) / 1000).toFixed(1)}s`;
}

/** Failures and what is under way before what is done, in their order. */
function mostUseful(rows: readonly Row[], count: number): Row[] {
  const rank = (row: Row): number => (row.status === 'Error' ? 0 : row.status === 'Working' ? 1 : 2);
  const kept = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, count));
  return rows.filter((row) => kept.has(row));
}

function renderRow(row: Row, idWidth: number, frame: Frame): string {
  const seconds = secondsText(row, frame.nowMs);
  const room = frame.columns - 1 - seconds.length;
  const id = truncate(harmless(row.id), idWidth);
  const text = harmless(row.text);
  const progress = progressText(row);
  const speed = speedText(row, frame.nowMs);
  // What does not fit goes in this order: details and speed, sizes, the tail of the id.
  const candidates = [
    [id.padEnd(id.length + idWidth - displayWidth(id)), text, progress, speed, harmless(row.details)],
    [id.padEnd(id.length + idWidth - displayWidth(id)), text, progress],
    [id, text],
  ].map((parts) => parts.filter((part) => part !== '').join('  '));
  const fitting = candidates.find((one) => displayWidth(one) <= room - 4) ?? shortened(id, text, room - 4);
  const [glyph, code] =
    row.status === 'Working' ? [spinner[Math.floor(frame.nowMs / 100) % spinner.length] ?? '', '36'] : glyphs[row.status];
  const gap = ' '.repeat(Math.max(1, room - 3 - displayWidth(fitting)));
  return ` ${paint(glyph, code, frame.colour)} ${coloured(fitting, text, row, frame)}${gap}${paint(seconds, '34', frame.colour)}`;
}

function shortened(id: string, text: string, room: number): string {
  return truncate(`${truncate(id, Math.max(4, room - displayWidth(text) - 2))}  ${text}`, Math.max(1, room));
}

function coloured(line: string, text: string, row: Row, frame: Frame): string {
  const at = line.lastIndexOf(text);
  if (!frame.colour || at === -1 || row.status === 'Working') return line;
  return `${line.slice(0, at)}${paint(text, glyphs[row.status][1], true)}${line.slice(at + text.length)}`;
}

/** `8.1MB/s  12s left` of the bytes that have come since the row began; nothing in the first second, and when all is there. */
function speedText({ parts, rate, status }: Row, nowMs: number): string {
  const elapsedMs = nowMs - (rate?.startMs ?? nowMs);
  if (rate === undefined || status !== 'Working' || elapsedMs < 1000) return '';
  let left = 0;
  let done = -rate.startBytes;
  for (const part of parts.values()) {
    done += part.current;
    left += Math.max(0, part.total - part.current);
  }
  if (done <= 0 || left === 0) return '';
  const perSecond = (done / elapsedMs) * 1000;
  return `${sizeText(Number(perSecond.toPrecision(2)))}/s  ${leftText(Math.ceil(left / perSecond))} left`;
}

/** `45s`, `3m`, `2h`. */
function leftText(seconds: number): string {
  if (seconds < 100) return `${seconds}s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)}m` : `${Math.ceil(seconds / 3600)}h`;
}

/** `[⣿⣿⣶⡀]  12.3MB / 40MB` of the layers of a pull. */
function progressText(row: Row): string {
  if (row.parts.size === 0 || row.status !== 'Working') return '';
  let current = 0;
  let total = 0;
  let bar = '';
  for (const part of row.parts.values()) {
    current += part.current;
    total += part.total;
    bar += bars[part.total <= 0 ? 0 : Math.min(bars.length - 1, Math.floor((part.current / part.total) * (bars.length - 1)))];
  }
  return `[${bar}]  ${sizeText(current)} / ${sizeText(total)}`;
}
