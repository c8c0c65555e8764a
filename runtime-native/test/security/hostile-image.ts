import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Engine } from '#core/engine/engine.ts';
import { type TarEntry, writeTar } from '../images/tar-writer.ts';

const applets = [
  'sh',
  'cat',
  'ls',
  'sleep',
  'mv',
  'ln',
  'rm',
  'mkdir',
  'echo',
  'readlink',
  'grep',
  'true',
  'touch',
  'pwd',
  'head',
];

/** Imports an image that has a shell and, beside it, whatever an attacker would put there. */
export async function importHostileImage(
  engine: Engine,
  { reference, entries, changes = [] }: { reference: string; entries: readonly TarEntry[]; changes?: readonly string[] },
): Promise<string> {
  const archive = writeTar([
    { name: 'bin/', type: '5' },
    { name: 'bin/busybox', content: readFileSync('/bin/busybox'), mode: 0o755 },
    ...applets.map((name): TarEntry => ({ name: `bin/${name}`, type: '2', link: 'busybox' })),
    { name: 'etc/', type: '5' },
    { name: 'tmp/', type: '5' },
    ...entries,
  ]);
  await engine.importImage({
    source: '-',
    stdin: Readable.from([archive]),
    reference,
    changes: ['CMD ["sleep","1000"]', 'ENV PATH=/bin', 'STOPSIGNAL SIGKILL', ...changes],
  });
  return reference;
}
