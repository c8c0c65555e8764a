import type { ObservedContainer } from '../../observe/observed.ts';
import type { ContainerAction, ContainerEvent, EngineJournal, JournalEntry, JournalQuery } from '../journal.ts';
import type { ChangeFeed } from './change-feed.ts';

export interface MemoryJournal extends EngineJournal {
  note(container: ObservedContainer, event: { readonly action: ContainerAction } & Partial<ContainerEvent>): void;
}

/** `EngineJournal` in memory; nothing of it is ever forgotten. */
export function memoryJournal(feed: ChangeFeed, find: (id: string) => ObservedContainer, now: () => string): MemoryJournal {
  const entries = new Map<string, JournalEntry[]>();
  const of = (project: string): JournalEntry[] => {
    const list = entries.get(project) ?? [];
    entries.set(project, list);
    return list;
  };
  const self: MemoryJournal = {
    note({ id, name, service, oneOff, image, labels, project }, event) {
      of(project).push({ time: now(), id, name, service, oneOff, image, labels, ...event });
      feed.wake();
    },
    async *journal(project, query, signal = new AbortController().signal) {
      let position = query.follow && query.sinceMs === undefined ? of(project).length : 0;
      for await (const _ of feed.ticks(signal)) {
        for (; position < of(project).length; position++) {
          const entry = of(project)[position];
          if (entry !== undefined && isWanted(entry, query)) yield entry;
        }
        if (!query.follow) return;
      }
    },
    async recordDecisions(project, decisions) {
      of(project).push(...decisions);
      feed.wake();
    },
    async recordRestart(id) {
      self.note(find(id), { action: 'restart' });
    },
  };
  return self;
}

function isWanted({ time }: JournalEntry, { follow, sinceMs = 0, untilMs }: JournalQuery): boolean {
  return Date.parse(time) >= sinceMs && (follow || untilMs === undefined || Date.parse(time) <= untilMs);
}
