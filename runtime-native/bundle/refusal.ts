import type { Diagnostic } from '#core/diagnostics/diagnostic.ts';
import type { CgroupFacts } from './cgroups.ts';

/** A diagnostic about an attribute with its place in the model. */
export function placed(diagnostic: Diagnostic, service: string, key: string): Diagnostic {
  return { ...diagnostic, path: ['services', service, ...key.split('.')] };
}

/** A key without the index at its end: `devices.0` → `devices`. The place in the file tells which one. */
export function keyName(key: string): string {
  return key.replace(/\.\d+$/, '');
}

/** What the host has, as far as values of services depend on it. */
export interface DetailFacts {
  readonly cgroups: CgroupFacts;
  readonly capabilities: readonly string[];
  readonly hasInit: boolean;
  readonly hasAppArmor: boolean;
  /** What a host path is, symbolic links followed. */
  readonly kindOf: (path: string) => 'block' | 'character' | 'directory' | 'other' | 'missing';
  readonly readText: (path: string) => string;
  /** Why logs cannot be sent over TLS from here. */
  readonly tlsLack: () => string | undefined;
}

export interface Report {
  /** The engine does not do it. `key`: attribute, members and the index in a list after dots. */
  readonly unsupported: (key: string, reason: string) => void;
  /** Nobody could do it. */
  readonly invalid: (key: string, reason: string) => void;
}
