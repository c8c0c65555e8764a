import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { program, programEnvironment } from './program.ts';
import type { World } from './world.ts';

const patienceMs = 120_000;

/** A command that runs in a terminal of its own. */
export interface TerminalProgram {
  /** Types text; `\r` is the return key, `\x03` Ctrl-C. */
  type(text: string): void;
  resize(size: { readonly columns: number; readonly rows: number }): void;
  /** Waits until what is on the screen since the last call matches; what was matched is consumed. */
  see(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit status. */
  readonly finished: Promise<number>;
  /** Takes the terminal away and waits for the program's exit status. */
  hangUp(): Promise<number>;
  close(): void;
}

/** Starts the program in a pty of 90 × 30 made by `script` (bsdutils). */
export function startInTerminal(argv: readonly string[], world: World): TerminalProgram {
  const line = [program, ...argv].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const statusFile = join(mkdtempSync(join(world.root, '..', 'status-')), 'status');
  // The shell outlives the terminal; the traps are its own, not the program's.
  const shell = `trap : HUP INT TERM; stty rows 30 cols 90; tty; ${line}; status=$?; echo $status > ${statusFile}; exit $status`;
  const child = spawn('script', ['-qec', shell, '/dev/null'], {
    cwd: world.directory,
    env: { ...programEnvironment(world), TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let device: string | undefined;
  child.stdout.on('data', (chunk) => {
    screen += String(chunk);
    device ??= /^(\/dev\/pts\/\d+)\r?\n/m.exec(screen)?.[1];
  });
  child.stdin.on('error', () => {}); // it has ended; `see` or `finished` tell
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('close', (code) => resolve(code ?? 128));
  return {
    type: (text) => void child.stdin.write(text),
    resize({ columns, rows }) {
      if (device === undefined) throw new Error('the terminal is not there yet: see() something before');
      execFileSync('stty', ['-F', device, 'cols', String(columns), 'rows', String(rows)], { timeout: patienceMs });
    },
    async see(pattern) {
      for (const end = performance.now() + patienceMs; ; await delay(20)) {
        const match = pattern.exec(screen);
        if (match !== null) {
          screen = screen.slice(match.index + match[0].length);
          return match;
        }
        if (performance.now() > end) throw new Error(`waited in vain for ${pattern}, the screen has:\n${JSON.stringify(screen)}`);
      }
    },
    finished: promise,
    async hangUp() {
      child.kill('SIGKILL');
      for (const end = performance.now() + patienceMs; ; await delay(20)) {
        const status = existsSync(statusFile) ? readFileSync(statusFile, 'utf8') : '';
        if (status.endsWith('\n')) return Number(status);
        if (performance.now() > end) throw new Error('the program goes on without its terminal');
      }
    },
    close: () => void child.kill('SIGKILL'),
  };
}
