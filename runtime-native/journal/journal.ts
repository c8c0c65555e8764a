import type { ContainerAction, ContainerEvent, Decision, JournalEntry, JournalQuery } from '#core/engine/journal.ts';
import { type ContainerRow, findContainer } from '../containers/container-rows.ts';
import type { EngineContext } from '../engine-context.ts';
import { appendJournal, readJournal } from './journal-file.ts';

/** What the line of an event has; `create` also tells who the container is, later lines only its id. */
type Line = Partial<Omit<ContainerEvent, 'action'>> & { readonly time: string; readonly action: string };

/** Writes down what the engine did to a container. */
export function noteEvent(
  { paths }: EngineContext,
  row: ContainerRow,
  event: { readonly action: ContainerAction } & Partial<ContainerEvent>,
): void {
  appendJournal(paths.journal(row.project), [
    { time: new Date().toISOString(), ...event, id: row.id, ...identity(event.action, row) },
  ]);
}

/** A supervisor knows only the id of its container: what it is must be found when the container is gone. */
function identity(action: ContainerAction, row: ContainerRow): Partial<ContainerEvent> {
  const { spec, image } = row.stored;
  if (action === 'rename') return { name: row.name };
  if (action !== 'create' && action !== 'destroy') return {};
  const { 'io.tscompose.definition': _definition, ...labels } = { ...image.config.Labels, ...spec.labels };
  return { name: row.name, service: row.service, oneOff: row.oneOff, image: spec.image, labels };
}

export function recordDecisions({ paths }: EngineContext, project: string, decisions: readonly Decision[]): void {
  appendJournal(paths.journal(project), decisions);
}

/** Entries of a project's journal. See `EngineJournal.journal`. */
export async function* readEntries(
  context: EngineContext,
  project: string,
  { query, signal = new AbortController().signal }: { readonly query: JournalQuery; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<JournalEntry> {
  const { follow, sinceMs, untilMs } = query;
  const known = new Map<string, Identity>();
  const fromEnd = follow && sinceMs === undefined;
  for await (const text of readJournal(context.paths.journal(project), { follow, fromEnd, signal })) {
    const entry = entryOf(context, text, known);
    if (entry === undefined) continue;
    const time = Date.parse(entry.time);
    // Who follows ends by the clock.
    if (untilMs !== undefined && !follow && time > untilMs) continue;
    if (sinceMs === undefined || time >= sinceMs) yield entry;
  }
}

type Identity = Pick<ContainerEvent, 'name' | 'service' | 'oneOff' | 'image' | 'labels'>;

/** Undefined: a damaged line, or one about a container of which nothing is known any more. */
function entryOf(context: EngineContext, text: string, known: Map<string, Identity>): JournalEntry | undefined {
  const line = parseLine(text);
  if (line === undefined) return undefined;
  if (line.action === 'decision') return line as unknown as Decision; // only recordDecisions writes it
  const { id = '' } = line;
  const before = known.get(id) ?? identityOfRow(context, id);
  const identity = { ...before, ...line } as Partial<Identity>;
  const { name, service, oneOff, image, labels } = identity;
  if (name === undefined || service === undefined || oneOff === undefined || image === undefined || labels === undefined)
    return undefined;
  known.set(id, { name, service, oneOff, image, labels });
  return { ...identity, ...line } as ContainerEvent; // checked above; the rest is optional
}

function identityOfRow({ database }: EngineContext, id: string): Identity | undefined {
  const row = findContainer(database, id);
  if (row === undefined) return undefined;
  const { spec, image } = row.stored;
  return {
    ...{ name: row.name, service: row.service, oneOff: row.oneOff, image: spec.image },
    labels: { ...image.config.Labels, ...spec.labels },
  };
}

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isLine = typeof value === 'object' && value !== null && 'time' in value && 'action' in value;
    return isLine ? (value as Line) : undefined; // our own programs write it
  } catch {
    // Cut off by a full disk or a power failure.
    return undefined;
  }
}
