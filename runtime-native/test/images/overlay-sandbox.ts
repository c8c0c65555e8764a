import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHelper } from '#runtime/images/helper-client.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';
import { helper } from './test-store.ts';

export interface OverlaySandbox extends Disposable {
  readonly path: string;
  readonly lower: string;
  readonly upper: string;
  /** Unpacks an archive as the directory `name`; returns its path. */
  unpack(name: string, archive: Buffer | readonly TarEntry[]): Promise<string>;
  /** Runs a shell script in the merged view of `lower` (topmost first, default the lower directory) and `upper`; returns its output. */
  change(script: string, more?: { readonly lower?: readonly string[]; readonly upper?: string }): string;
}

/** Digest of all that is in the working directory; equal ones mean equal trees: names, kinds, owners, modes, times, links, attributes, contents. */
export const treeDigest =
  'find . -mindepth 1 -maxdepth 1 -print0 | LC_ALL=C sort -z | tar --null --files-from=- --create --numeric-owner --xattrs --xattrs-include="*" --xattrs-exclude="trusted.overlay.*" --sort=name --format=posix --pax-option=delete=atime,delete=ctime --file=- | sha256sum';

/** Two directories and a place to mount an overlay of them, unpacked of an archive; disposing removes all. */
export async function openOverlaySandbox(base: readonly TarEntry[]): Promise<OverlaySandbox> {
  const path = mkdtempSync('/tmp/tsc-overlay-');
  const at = (name: string) => join(path, name);
  for (const name of ['upper', 'work', 'merged']) mkdirSync(at(name));
  const sandbox: OverlaySandbox = {
    path,
    lower: at('lower'),
    upper: at('upper'),
    async unpack(name, archive) {
      const source = at(`${name}.tar`);
      writeFileSync(source, Buffer.isBuffer(archive) ? archive : writeTar(archive as readonly TarEntry[]));
      await runHelper({ op: 'unpack', source, target: at(name) }, { helper });
      return at(name);
    },
    change(script, { lower = [at('lower')], upper = at('upper') } = {}) {
      const options = `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${at('work')}`;
      const argv = [
        '-m',
        'sh',
        '-euc',
        `mount -t overlay overlay -o '${options}' '${at('merged')}'; cd '${at('merged')}'; ${script}`,
      ];
      const { status, stdout, stderr } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 120_000 });
      if (status !== 0) throw new Error(`script failed (${status}): ${stderr}`);
      return stdout;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
  await sandbox.unpack('lower', base);
  return sandbox;
}
