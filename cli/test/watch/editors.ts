import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How editors and tools save a file: what they do to the file system, one call after the other, as strace shows it. */
export const editors: Readonly<Record<string, (path: string, text: string) => void>> = {
  // backupcopy=no: a probe, the old file as backup, a new one.
  vim(path, text) {
    const probe = join(dirname(path), '4913');
    writeFileSync(probe, '');
    unlinkSync(probe);
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
    unlinkSync(`${path}~`);
  },
  emacs(path, text) {
    const [lock, autosave] = [join(dirname(path), `.#${basename(path)}`), join(dirname(path), `#${basename(path)}#`)];
    symlinkSync('user@host.123:456', lock);
    writeFileSync(autosave, text);
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
    unlinkSync(autosave);
    unlinkSync(lock);
  },
  jetbrains(path, text) {
    writeFileSync(`${path}___jb_tmp___`, text);
    renameSync(path, `${path}___jb_old___`);
    renameSync(`${path}___jb_tmp___`, path);
    unlinkSync(`${path}___jb_old___`);
  },
  'sed -i'(path, text) {
    const fresh = join(dirname(path), 'sedAbCdEf');
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  },
  'in place'(path, text) {
    writeFileSync(path, text);
  },
  'away and back'(path, text) {
    rmSync(dirname(path), { recursive: true });
    mkdirSync(dirname(path));
    writeFileSync(path, text);
  },
};
