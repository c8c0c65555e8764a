import { displayWidth, harmless } from './text.ts';

export interface TableStyle {
  /** Narrowest column. */
  readonly min: number;
  /** Spaces between columns. */
  readonly gap: number;
  /** Headers of fields, where they are not the words of their names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Docker's `ps` formatter. */
export const psStyle: TableStyle = { min: 10, gap: 3, headers: { ID: 'CONTAINER ID' } };
/** Docker Compose's other tables. */
export const listStyle: TableStyle = { min: 20, gap: 3 };
/** Docker's tables of images. */
export const imageStyle: TableStyle = { ...listStyle, headers: { ID: 'IMAGE ID', CreatedSince: 'CREATED' } };

/** Rows as aligned text, one line each; the last column is not padded. Control characters are removed. */
export function tableText(rows: readonly (readonly string[])[], style: TableStyle): string {
  const clean = rows.map((row) => row.map(harmless));
  const widths: number[] = [];
  for (const row of clean) {
    for (const [column, cell] of row.entries()) {
      // As Go's tabwriter: the cell with its gap has at least the minimum.
      widths[column] = Math.max(widths[column] ?? style.min, displayWidth(cell) + style.gap);
    }
  }
  return clean
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))),
      );
      return `${cells.join('')}\n`;
    })
    .join('');
}
