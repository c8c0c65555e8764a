import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { warmCodeCache } from './bundle/warm-code-cache.ts';
import { writeManPages } from './write-man-pages.ts';

const root = dirname(import.meta.dirname);
const outdir = join(root, 'dist');

/**
 * `npm run build`: bundles the command line into `dist/main.js`, a script whose value is a function, and runs commands once to
 * keep what V8 compiles for them in `dist/main.cache`; `tscompose.cjs` loads both. One file: commands are still evaluated only
 * when called, and reading one file beats reading sixty. CommonJS: an `import` of `node:http` evaluates all its exports, the
 * WebSocket client with them (40 ms), and every built-in module would be loaded at start, not where it is first used. A cache
 * of our own: Node's compile cache is written before anything has run and holds no function that is compiled when first
 * called, which cost a quarter of a command's time.
 */
const started = performance.now();
await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
const bundle = join(outdir, 'main.js');
await build({
  entryPoints: { main: join(root, 'cli', 'bundle.ts') },
  outdir,
  bundle: true,
  format: 'cjs',
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  define: { 'import.meta.dirname': '__dirname' },
  supported: { 'dynamic-import': false },
  platform: 'node',
  target: 'node24',
  // Names stay: stack traces of a bug report must be readable.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
});
const text = await readFile(bundle, 'utf8');
// Only strings and regular expressions hold others; a text of one byte a character is read and compiled faster.
await writeFile(
  bundle,
  text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
);
await writeFile(join(outdir, 'tscompose.cjs'), await readFile(join(import.meta.dirname, 'bundle', 'tscompose.cjs')));
const cached = await warmCodeCache(bundle, join(outdir, 'main.cache'));
const pages = await writeManPages(join(outdir, 'man', 'man1'));
const { size } = await stat(bundle);
console.log(
  `dist: ${kib(size)}, code cache ${kib(cached)}, ${pages} manual pages, ${((performance.now() - started) / 1000).toFixed(1)} s`,
);

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
