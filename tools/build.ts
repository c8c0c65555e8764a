import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { writeManPages } from './write-man-pages.ts';

const root = dirname(import.meta.dirname);
const outdir = join(root, 'dist');

/**
 * `npm run build`: bundles the command line into `dist/main.cjs`; `tscompose.cjs` turns the compile cache on and loads it.
 * One file: commands are still evaluated only when called, and reading one cached file beats reading sixty. CommonJS: an
 * `import` of `node:http` evaluates all its exports, the WebSocket client with them (40 ms), and every built-in module would
 * be loaded at start, not where it is first used.
 */
const started = performance.now();
await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
const { metafile } = await build({
  entryPoints: { main: join(root, 'cli', 'main.ts') },
  outdir,
  bundle: true,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.dirname': '__dirname' },
  platform: 'node',
  target: 'node24',
  // Names stay: stack traces of a bug report must be readable.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await writeFile(
  join(outdir, 'tscompose.cjs'),
  "'use strict';\nrequire('node:module').enableCompileCache(__dirname + '/.cache');\nrequire('./main.cjs');\n",
);
const pages = await writeManPages(join(outdir, 'man', 'man1'));
const sizes = await Promise.all(Object.keys(metafile.outputs).map(async (path) => (await stat(join(process.cwd(), path))).size));
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(
  `dist: ${sizes.length} files, ${(total / 1024).toFixed(0)} KiB, ${pages} manual pages, ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
