import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCatalogue } from '#tools/errors/read-catalogue.ts';

const text = `
const quote = (text: string) => text;
const catalogue = {
  'model.unknown-dependency': entry<{ service: string; targets: string[]; nearest?: string }>({
    severity: 'error',
    message: (p) => \`service "\${p.service}" depends on \${p.targets.join(', ')}, \${p.a ? 'x' : 'y'}\`,
    hint: (p) => (p.nearest ? \`did you mean "\${quote(p.nearest)}"?\` : 'declare it under services:'),
    exit: 14,
  }),
  /** A longer story
   * in two lines. */
  'load.empty': entry<{ file: string }>({ severity: 'warning', message: ({ file }) => \`\${file} is empty\` }),
  plain: 1,
} as const satisfies Catalogue;
`;

test('reads codes, wordings, hints and explanations, sorted', () => {
  assert.equal(readCatalogue({ path: 'catalogue.ts', text }), [
    {
      code: 'load.empty',
      severity: 'warning',
      explanation: 'A longer story\nin two lines.',
      messages: ['<file> is empty'],
      hints: [],
    },
    {
      code: 'model.unknown-dependency',
      severity: 'error',
      exit: '14',
      messages: ['service "<service>" depends on <targets>, …'],
      hints: ['did you mean "<nearest>"?', 'declare it under services:'],
    },
  ]);
});

test.run();
