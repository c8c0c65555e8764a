import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';

/** File systems whose module has another name. */
const modules: Readonly<Record<string, string>> = { nfs4: 'nfs', smb3: 'cifs' };

/** Whether the kernel can mount a file system: it knows it, or has a module that mount(2) loads. */
export function canMount(fileSystem: string): boolean {
  const known = readFileSync('/proc/filesystems', 'utf8').split('\n');
  return known.some((line) => line.split('\t')[1] === fileSystem) || hasModule(modules[fileSystem] ?? fileSystem);
}

function hasModule(name: string): boolean {
  const directory = `/lib/modules/${release()}`;
  return ['modules.dep', 'modules.builtin'].some(
    (file) => existsSync(`${directory}/${file}`) && readFileSync(`${directory}/${file}`, 'utf8').includes(`/${name}.ko`),
  );
}
