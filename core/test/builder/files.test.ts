import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileEntry, FileTree } from '#core/builder/file-entry.ts';
import { resolveEntry } from '#core/builder/file-entry.ts';
import { symbolicMode } from '#core/builder/mode.ts';
import { isExcluded, parseIgnoreFile } from '#core/builder/path-pattern.ts';
import { selectFiles } from '#core/builder/select-files.ts';
import type { CopyStep } from '#core/builder/step.ts';

/** `dir/`, `link -> target`, anything else is a file; directories above are made. */
function tree(...lines: readonly string[]): FileTree {
  const entries = new Map<string, FileEntry>();
  const add = (path: string, type: FileEntry['type'], link?: string): void => {
    const parent = path.split('/').slice(0, -1).join('/');
    if (path !== '' && !entries.has(parent)) add(parent, 'directory');
    const base = { path, type, mode: type === 'directory' ? 0o755 : 0o644, uid: 0, gid: 0, sizeBytes: 0 };
    entries.set(path, link === undefined ? base : { ...base, link });
  };
  add('', 'directory');
  for (const line of lines) {
    const [path = '', link] = line.split(' -> ');
    if (link !== undefined) add(path, 'symlink', link);
    else add(path.replace(/\/$/, ''), path.endsWith('/') ? 'directory' : 'file');
  }
  return entries;
}

function copy(paths: readonly string[], dest: string, more: Partial<CopyStep> = {}): CopyStep {
  const at = { file: { name: '', path: undefined, text: '' }, start: 0, end: 0 };
  return {
    ...{ kind: 'copy', title: '', createdBy: '', at, from: { kind: 'context' }, link: false, parents: false, excludes: [] },
    ...{ unpack: 'never', keepGitDir: false },
    sources: paths.map((path) => ({ kind: 'path', path })),
    dest,
    ...more,
  };
}

function selected(files: FileTree, step: CopyStep): readonly string[] {
  const found = selectFiles(files, step);
  if ('missing' in found) return [`missing ${found.missing}`];
  return found.placements.map(({ entry, to, isTop }) => `${entry.path} > ${to}${isTop ? ' top' : ''}`);
}

const project = tree('a', 'b.txt', 'd/x', 'd/sub/y', 'link -> d/x', 'dirlink -> /d', 'out -> ../..//etc', 'loop -> loop');

// Each: what is copied where, and the placements.
const copies: readonly (readonly [string, CopyStep, readonly string[]])[] = [
  ['a file to a name', copy(['a'], '/n'), ['a > /n top']],
  ['a file into a directory', copy(['/a'], '/n/'), ['a > /n/a']],
  ['what a directory holds', copy(['d/'], '/n'), ['d > /n top', 'd/sub > /n/sub', 'd/sub/y > /n/sub/y', 'd/x > /n/x']],
  ['a pattern', copy(['*.txt', '[a]'], '/n/'), ['b.txt > /n/b.txt', 'a > /n/a']],
  ['links that are named are followed', copy(['link', 'dirlink/x'], '/n/'), ['d/x > /n/link', 'd/x > /n/x']],
  ['links to nowhere', copy(['out/passwd'], '/n'), ['missing out/passwd']],
  ['links in circles', copy(['loop'], '/n'), ['missing loop']],
  ['what does not exist', copy(['zz*'], '/n/'), ['missing zz*']],
  ['paths that climb stay inside', copy(['../../a'], '/n'), ['a > /n top']],
  ['excluded parts', copy(['d'], '/n', { excludes: ['sub'] }), ['d > /n top', 'd/x > /n/x']],
  ['parents', copy(['d/sub/y'], '/n/', { parents: true }), ['d > /n/d', 'd/sub > /n/d/sub', 'd/sub/y > /n/d/sub/y']],
  ['parents from a pivot', copy(['d/./sub/y'], '/n/', { parents: true }), ['d/sub > /n/sub', 'd/sub/y > /n/sub/y']],
];
for (const [what, step, expected] of copies) {
  test(`COPY: ${what}`, () => {
    assert.equal(selected(project, step), expected);
  });
}

test('links resolve inside the tree, as if its root were /', () => {
  const files = tree('real/f', 'abs -> /real', 'up -> ../../real', 'chain -> abs');
  for (const path of ['abs/f', 'up/f', 'chain/f', '/chain/../chain/f']) assert.is(resolveEntry(files, path)?.path, 'real/f');
});

// Each: an ignore file, paths that it excludes, paths that it does not.
const ignores: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['*.log', ['a.log'], ['d/a.log', 'a.log.txt']],
  ['**/*.log', ['a.log', 'd/e/a.log'], ['a']],
  ['node_modules', ['node_modules', 'node_modules/x/y'], ['d/node_modules']],
  ['/d/*\n!d/keep', ['d/x'], ['d/keep', 'd/keep/f']],
  ['*\n!src\nsrc/tmp', ['a', 'src/tmp/x'], ['src/a']],
  ['# comment\n\n a?c ', ['abc'], ['ac', '# comment']],
  ['d/**/z', ['d/z', 'd/a/b/z'], ['z']],
  ['[a-c]x', ['ax'], ['dx']],
  ['./e/../f', ['f'], ['e']],
  ['!a', [], ['a']],
];
for (const [text, out, kept] of ignores) {
  test(`.dockerignore ${JSON.stringify(text)}`, () => {
    const patterns = parseIgnoreFile(text);
    assert.equal(
      out.filter((path) => !isExcluded(path, patterns)),
      [],
    );
    assert.equal(
      kept.filter((path) => isExcluded(path, patterns)),
      [],
    );
  });
}

test('modes: octal, symbolic, X only where something is executable', () => {
  const of = (change: string, mode: number, type: FileEntry['type'] = 'file') => symbolicMode(change, { mode, type }).toString(8);
  assert.equal(
    [of('755', 0o600), of('u+x', 0o644), of('go-r', 0o644), of('a=rX', 0o600), of('a=rX', 0o700), of('a=rX', 0o600, 'directory')],
    ['755', '744', '600', '444', '555', '555'],
  );
  assert.equal([of('u=rwx,g=rx,o=', 0o777), of('+x', 0o600), of('u+s,+t', 0o755)], ['750', '711', '5755']);
});

test.run();
