import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parse } from 'yaml';
import type { CdiDevice, CdiSpec } from './cdi-spec.ts';
import { parseCdiSpec } from './parse-cdi-spec.ts';

export interface OfferedDevice {
  readonly spec: CdiSpec;
  readonly device: CdiDevice;
  /** Specification file. */
  readonly path: string;
}

/** What a machine offers by the Container Device Interface. */
export interface CdiRegistry {
  /** Full name (`vendor.com/class=name`) → device, sorted. */
  readonly devices: ReadonlyMap<string, OfferedDevice>;
  /** Names that several files of one directory give: nobody can tell which one is meant. */
  readonly conflicts: ReadonlyMap<string, readonly string[]>;
  /** Files that cannot be used, and why. */
  readonly faults: readonly { readonly path: string; readonly reason: string }[];
  readonly directories: readonly string[];
}

/** Reads all specification files in `directories`, of which a later one wins. Never throws for what they say or for one that is not there. */
export function readCdiRegistry(directories: readonly string[]): CdiRegistry {
  const offers = new Map<string, OfferedDevice>();
  const conflicts = new Map<string, readonly string[]>();
  const faults: { path: string; reason: string }[] = [];
  for (const directory of directories) {
    const ofDirectory = new Map<string, OfferedDevice[]>();
    for (const path of specFiles(directory)) {
      try {
        const spec = parseCdiSpec(readDocument(path));
        for (const device of spec.devices) {
          const name = `${spec.kind}=${device.name}`;
          ofDirectory.set(name, [...(ofDirectory.get(name) ?? []), { spec, device, path }]);
        }
      } catch (error) {
        faults.push({ path, reason: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error) });
      }
    }
    for (const [name, found] of ofDirectory) {
      conflicts.delete(name);
      const [first, ...others] = found;
      if (first !== undefined) offers.set(name, first);
      if (others.length > 0)
        conflicts.set(
          name,
          found.map((one) => one.path),
        );
    }
  }
  for (const name of conflicts.keys()) offers.delete(name);
  const byName = [...offers].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return { devices: new Map(byName), conflicts, faults, directories };
}

function specFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => ['.json', '.yaml', '.yml'].includes(extname(name)))
      .toSorted()
      .map((name) => join(directory, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/** YAML as the vendors' tools write it: version 1.1, in which `0666` is octal. */
function readDocument(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.json') ? JSON.parse(text) : parse(text, { version: '1.1' });
}
