import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkImports } from '#tools/check-imports.ts';

/** A repository of the given files with our aliases and two packages. */
function repository(files: Readonly<Record<string, string>>): Disposable & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'tsc-imports-'));
  const manifest = {
    imports: { '#core/*': './core/*', '#tools/*': './tools/*' },
    dependencies: { yaml: '1' },
    devDependencies: { uvu: '1' },
  };
  for (const [path, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

const nothing = 'export const nothing = 0;\n';

/** What must be refused: files, and the one problem expected. */
const wrong: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, problem: RegExp]>> = {
  'a type imported upward': [
    { 'core/a.ts': `\nimport type { B } from '../runtime-native/b.ts';\n`, 'runtime-native/b.ts': 'export type B = 1;\n' },
    /^core\/a\.ts:2: .*core may not import runtime-native/,
  ],
  'a type query upward': [
    { 'core/a.ts': `export type A = import('../cli/b.ts').B;\n`, 'cli/b.ts': 'export type B = 1;\n' },
    /core may not import cli/,
  ],
  'a dynamic import upward': [
    { 'core/a.ts': `export const a = () => import('../cli/b.ts');\n`, 'cli/b.ts': nothing },
    /core may not import cli/,
  ],
  'a re-export upward': [
    { 'schemas/a.ts': `export * from '#core/b.ts';\n`, 'core/b.ts': nothing },
    /schemas may not import core/,
  ],
  'an earlier phase that uses a later one': [
    { 'core/load/a.ts': `import { nothing } from '../plan/b.ts';\nnothing;\n`, 'core/plan/b.ts': nothing },
    /core\/load may not import core\/plan/,
  ],
  'the executor reading files': [
    { 'core/execute/a.ts': `import type { B } from '../load/b.ts';\n`, 'core/load/b.ts': 'export type B = 1;\n' },
    /core\/execute may not import core\/load/,
  ],
  'a plan that calls the engine': [
    { 'core/plan/a.ts': `import { nothing } from '../engine/b.ts';\nnothing;\n`, 'core/engine/b.ts': nothing },
    /core\/plan may only use types of core\/engine/,
  ],
  'a product that uses tools': [{ 'cli/a.ts': `import '#tools/b.ts';\n`, 'tools/b.ts': nothing }, /only tests may import tools/],
  'core with a socket': [{ 'core/a.ts': `import 'node:net';\n` }, /core may not import node:net/],
  'a package that is not shipped': [{ 'cli/a.ts': `import 'uvu/assert';\n` }, /uvu is not among the dependencies/],
  'a file that is not there': [{ 'cli/a.ts': `import './b.ts';\n` }, /no such file cli\/b\.ts/],
  'a cycle of types': [
    {
      'core/plan/a.ts': `import type { B } from './b.ts';\nexport type A = B;\n`,
      'core/plan/b.ts': `import type { C } from './c.ts';\nexport type B = C;\n`,
      'core/plan/c.ts': `import type { A } from './a.ts';\nexport type C = A;\n`,
    },
    /import cycle:\s+core\/plan\/a\.ts\s+→ core\/plan\/b\.ts\s+→ core\/plan\/c\.ts\s+→ core\/plan\/a\.ts/,
  ],
};

for (const [name, [files, problem]] of Object.entries(wrong)) {
  test(`refuses ${name}`, () => {
    using repo = repository(files);
    const problems = checkImports(repo.root);
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', problem);
  });
}

test('lets everything pass that the rule allows', () => {
  using repo = repository({
    'cli/main.ts': `import '../runtime-native/engine.ts';\nimport '#core/load/load.ts';\nimport 'yaml';\nimport 'node:net';\n`,
    'runtime-native/engine.ts': `import type { Engine } from '#core/engine/engine.ts';\nexport type E = Engine;\n`,
    'core/engine/engine.ts': `import type { O } from '../observe/observed.ts';\nexport type Engine = O;\n`,
    'core/observe/observed.ts': `export type O = 1;\n`,
    'core/plan/plan.ts': `import type { Engine } from '../engine/engine.ts';\nexport type P = Engine;\n`,
    'core/load/load.ts': `import '../model/project.ts';\nimport '../unreachable.ts';\nimport { isIP } from 'node:net';\nimport '../../package.json';\nisIP;\n`,
    'core/model/project.ts': nothing,
    'core/unreachable.ts': nothing,
    'core/test/load/load.test.ts': `import '#core/load/load.ts';\nimport '#tools/skip.ts';\nimport 'uvu';\n`,
    'tools/skip.ts': `import '../cli/main.ts';\n`,
  });
  assert.equal(checkImports(repo.root), []);
});

test.run();
