import type { Event } from '#core/events/event.ts';
import type { TextOutput } from '../host.ts';

/** Shows the progress of one plan run on stderr. */
export interface View {
  emit(event: Event): void;
  /** What the command itself does now, such as the orderly stop after Ctrl-C. */
  notice(status: string, text: string): void;
  /** Writes foreign text (log lines) so that it does not mix with live rows. */
  interleave(write: () => void): void;
  /** Draws the last state; nothing may be emitted after it, notices and foreign text may. A second call does nothing. */
  close(): void;
}

export interface ViewRequest {
  readonly stderr: TextOutput;
  readonly now: () => number;
  readonly colour: boolean;
  /** Word for the header: `up`, `down`, … */
  readonly operation: string;
  /** Attached `up`: Starting and Started rows are left out of the live view. */
  readonly withoutStarts?: boolean;
}
