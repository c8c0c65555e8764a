import { hungUp } from './interrupts.ts';

/** What to do about an error of a standard stream: the reader has gone (`| head`), or the terminal has, and nobody is left to tell. */
export function onStreamError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  if (error.code !== 'EIO') throw error;
  onTerminalGone();
}

/** Ends the process. SIGHUP is on its way, if it is sent at all: whoever passes it on is given the time. */
export function onTerminalGone(): void {
  setTimeout(() => process.exit(hungUp), 1000);
}
