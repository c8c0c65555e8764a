import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseSection } from './changelog/release-section.ts';

const root = join(import.meta.dirname, '..');

/** Moves the files of `changes/` into a new section at the top of CHANGELOG.md. */
function assembleChangelog(version: string): void {
  const files = readdirSync(join(root, 'changes')).filter((file) => file !== 'README.md');
  const changes = files.map((file) => ({ file, text: readFileSync(join(root, 'changes', file), 'utf8') }));
  const section = releaseSection({ version, date: new Date().toISOString().slice(0, 10), changes });
  const path = join(root, 'CHANGELOG.md');
  const [head = '', ...older] = readFileSync(path, 'utf8').split(/^(?=## )/m);
  writeFileSync(path, `${head.trimEnd()}\n\n${section}${older.length > 0 ? `\n${older.join('')}` : ''}`);
  for (const file of files) rmSync(join(root, 'changes', file));
}

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('usage: bin/node tools/assemble-changelog.ts <version>');
assembleChangelog(version);
