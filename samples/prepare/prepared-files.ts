import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Who may read a file: a user id in a container, as its owner alone; absent: everybody. */
export interface Readers {
  readonly owner?: number;
}

/** The directory that a preparation writes: configuration is made anew each time, secrets are kept once they are there. */
export interface PreparedFiles {
  path(name: string): string;
  /** Writes a file whole or not at all. */
  write(name: string, text: string, readers?: Readers): void;
  /** The secret in a file, made when it is missing. */
  secret(name: string, options: Readers & { readonly make?: () => string }): string;
  /** Gives a file that something else wrote its readers. */
  restrict(name: string, readers: Readers): void;
}

/** Owners are set where we are root; elsewhere the files are ours, for a look at what would be made. */
export function preparedFiles(directory: string): PreparedFiles {
  const path = (name: string): string => join(directory, name);
  const restrict = (name: string, { owner }: Readers): void => {
    chmodSync(path(name), owner === undefined ? 0o644 : 0o400);
    if (owner !== undefined && process.getuid?.() === 0) chownSync(path(name), owner, owner);
  };
  const write = (name: string, text: string, readers: Readers = {}): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    const temporary = `${name}.new`;
    writeFileSync(path(temporary), text, { mode: 0o600 });
    restrict(temporary, readers);
    renameSync(path(temporary), path(name));
  };
  return {
    path,
    write,
    restrict,
    secret(name, { make = randomSecret, ...readers }) {
      if (!existsSync(path(name))) write(name, make(), readers);
      restrict(name, readers);
      return readFileSync(path(name), 'utf8');
    },
  };
}

/** 32 letters and digits: 190 bits, and nothing that a shell, an env file or a URL would take for something else. */
export function randomSecret(length = 32): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    // 248 = 4 × 62: beyond it some letters would come more often.
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += alphabet[byte % 62];
  }
  return text;
}
