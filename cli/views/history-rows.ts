import type { ImageDetail } from '#core/engine/store.ts';
import { humanDuration } from './durations.ts';
import { shortId } from './image-rows.ts';
import { sizeText } from './sizes.ts';

/** One step in the making of an image, in the fields of `docker image history`. */
export interface HistoryRow extends Readonly<Record<string, unknown>> {
  readonly ID: string;
  readonly CreatedSince: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly Size: string;
  readonly Comment: string;
}

interface HistoryEntry {
  readonly created?: unknown;
  readonly created_by?: unknown;
  readonly comment?: unknown;
  readonly empty_layer?: unknown;
}

/** Steps, newest first. Layers that the history does not speak of stand for themselves. */
export function historyRows(
  image: ImageDetail,
  options: { readonly isWhole: boolean; readonly isHuman: boolean; readonly nowMs: number },
): readonly HistoryRow[] {
  const { history } = JSON.parse(image.document) as { readonly history?: unknown }; // the engine has read it
  const entries = Array.isArray(history) ? (history as readonly HistoryEntry[]) : [];
  const layers = [...image.storedLayers];
  const steps = entries.map((entry) => ({ entry, layer: entry.empty_layer === true ? undefined : layers.shift() }));
  const silent: readonly HistoryEntry[] = layers.map(() => ({}));
  const rows = [...steps, ...silent.map((entry, index) => ({ entry, layer: layers[index] }))].map(({ entry, layer }) => {
    const created = textOf(entry.created);
    const bytes = layer?.sizeBytes ?? 0;
    const since = created === '' ? 'N/A' : `${humanDuration(options.nowMs - Date.parse(created))} ago`;
    const by = textOf(entry.created_by).replaceAll('\t', ' ');
    return {
      ID: '<missing>',
      CreatedSince: options.isHuman ? since : created,
      CreatedAt: created,
      CreatedBy: options.isWhole || by.length <= 45 ? by : `${by.slice(0, 44)}…`,
      Size: options.isHuman ? sizeText(bytes) : String(bytes),
      Comment: textOf(entry.comment),
    };
  });
  return rows.reverse().map((row, index) => (index === 0 ? { ...row, ID: options.isWhole ? image.id : shortId(image.id) } : row));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
