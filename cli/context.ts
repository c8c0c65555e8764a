import type { Engine } from '#core/engine/engine.ts';
import type { Globals } from './args/globals.ts';
import type { Host } from './host.ts';
import type { Interrupts } from './interrupts.ts';
import type { Output } from './output.ts';
import type { Settings } from './settings.ts';

/** What a command works with. */
export interface CommandContext {
  readonly host: Host;
  readonly globals: Globals;
  /** Process environment, completed by the COMPOSE_* keys of the env files. */
  readonly env: Host['env'];
  readonly settings: Settings;
  readonly output: Output;
  readonly interrupts: Interrupts;
  /** Opened at the first call, closed when the command ends. */
  engine(): Promise<Engine>;
}
