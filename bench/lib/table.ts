export interface BenchRow {
  readonly what: string;
  readonly unit: 'ms' | 'MB';
  /** By column; a column that has no value shows `–`. */
  readonly values: Readonly<Record<string, number | undefined>>;
  /** The figure of docs/design that this is held against. */
  readonly budget?: number;
}

/** A table for people: one row a measurement, ours against floor, peer and budget. */
export function benchTable(columns: readonly string[], rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.what,
    ...columns.map((column) => figure(row.values[column], row.unit)),
    figure(row.budget, row.unit),
    state(row),
  ]);
  const all = [['', ...columns, 'budget', ''], ...cells];
  const widths = all[0]?.map((_, index) => Math.max(...all.map((line) => line[index]?.length ?? 0))) ?? [];
  const text = (line: readonly string[]): string =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${all.map(text).join('\n')}\n`;
}

function state(row: BenchRow): string {
  const ours = row.values['tscompose'];
  if (ours === undefined || Number.isNaN(ours) || row.budget === undefined) return '';
  return ours <= row.budget ? 'ok' : `${(ours / row.budget).toFixed(1)}x`;
}

function figure(value: number | undefined, unit: BenchRow['unit']): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}
