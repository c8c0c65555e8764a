import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is built: a directory, and the file of it that is changed between builds. */
export interface BuildContext {
  readonly directory: string;
  readonly changed: string;
}

const repository = join(import.meta.dirname, '../..');

/**
 * A Node application below `directory`: the 81 packages of samples/dev by `npm ci` in a stage of its own, 300 source files, and
 * 3,000 files of a `node_modules` that `.dockerignore` keeps out. `base` has Node and npm.
 */
export function nodeApplication(directory: string, base: string): BuildContext {
  mkdirSync(directory);
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(repository, 'samples/dev', name), join(directory, name));
  writeFileSync(join(directory, '.dockerignore'), 'node_modules\n.git\n*.md\n');
  writeFileSync(
    join(directory, 'Dockerfile'),
    `FROM ${base} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
FROM ${base}
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY . .
RUN node --check src/part-1/module-1.js
USER node
CMD ["node", "src/part-1/module-1.js"]
`,
  );
  writeFiles(join(directory, 'src'), { count: 300, perDirectory: 30, bytes: 4000, name: (number) => `module-${number}.js` });
  writeFiles(join(directory, 'node_modules'), {
    count: 3000,
    perDirectory: 50,
    bytes: 1000,
    name: (number) => `file-${number}.js`,
  });
  return { directory, changed: 'src/part-1/module-2.js' };
}

/** Many small files, copied as a whole. */
export function largeContext(
  directory: string,
  { base, count }: { readonly base: string; readonly count: number },
): BuildContext {
  mkdirSync(directory);
  writeFileSync(join(directory, 'Dockerfile'), `FROM ${base}\nCOPY files /files\n`);
  writeFiles(join(directory, 'files'), { count, perDirectory: 500, bytes: 500, name: (number) => `file-${number}` });
  return { directory, changed: 'files/part-1/file-1' };
}

function writeFiles(
  directory: string,
  files: {
    readonly count: number;
    readonly perDirectory: number;
    readonly bytes: number;
    readonly name: (number: number) => string;
  },
): void {
  for (let number = 1; number <= files.count; number++) {
    const part = join(directory, `part-${Math.ceil(number / files.perDirectory)}`);
    if (number % files.perDirectory === 1) mkdirSync(part, { recursive: true });
    const line = `// ${number}: a line of a source file\n`;
    writeFileSync(join(part, files.name(number)), line.repeat(Math.ceil(files.bytes / line.length)));
  }
}
