import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from './step.ts';

/** A file of the repository that a program writes. */
export interface GeneratedFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly command: string;
  generate(root: string): Promise<string>;
}

/** Compares every generated file with what its program writes now. */
export async function checkGenerated(root: string, files: readonly GeneratedFile[]): Promise<Findings> {
  const problems: string[] = [];
  for (const file of files) {
    const path = join(root, file.path);
    const current = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (current !== (await file.generate(root))) problems.push(`${file.path} is out of date: run ${file.command}`);
  }
  return { problems, note: `${files.length} files` };
}

/** Writes one generated file; says whether it changed. */
export async function writeGenerated(root: string, file: GeneratedFile): Promise<void> {
  const path = join(root, file.path);
  const text = await file.generate(root);
  const isSame = existsSync(path) && readFileSync(path, 'utf8') === text;
  if (!isSame) writeFileSync(path, text);
  process.stdout.write(`${file.path}: ${isSame ? 'up to date' : 'written'}\n`);
}
