import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { completions } from '../../args/complete.ts';
import { globalFlags } from '../../args/globals.ts';
import { commandLoaders } from '../../commands/index.ts';

const complete = (...words: readonly string[]) =>
  completions({
    words,
    globals: globalFlags,
    names: Object.keys(commandLoaders),
    load: async (name) => commandLoaders[name]?.(),
    services: async () => ['web', 'worker', 'db'],
  });

const rows: readonly [readonly string[], readonly string[]][] = [
  [['re'], ['restart']],
  [
    ['-f', 'x.yaml', 'do'],
    ['doctor', 'down'],
  ],
  [['--project-n'], ['--project-name']],
  [
    ['--ansi', ''],
    ['always', 'auto', 'never'],
  ],
  [['-f', ''], []],
  [
    ['up', 'w'],
    ['web', 'worker'],
  ],
  [
    ['up', '-d', 'web', ''],
    ['db', 'web', 'worker'],
  ],
  [
    ['down', '--r'],
    ['--remove-orphans', '--rmi'],
  ],
  [
    ['down', '--rmi', ''],
    ['all', 'local'],
  ],
  [
    ['image', 'i'],
    ['import', 'inspect'],
  ],
  [
    ['image', 'rm', '--'],
    ['--force', '--help'],
  ],
  [['version', ''], []],
  [['nonsense', ''], []],
];
for (const [words, expected] of rows) {
  test(`completes ${words.join(' ')}|`, async () => assert.equal(await complete(...words), expected));
}

test.run();
