import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { releaseSection } from '#tools/changelog/release-section.ts';

test('changes are grouped by kind and sorted', () => {
  const changes = [
    { file: 'b.fix.md', text: 'It no longer\nbreaks.\n' },
    { file: 'z.feature.md', text: 'Z is new.\n' },
    { file: 'a.feature.md', text: 'A is new.\n' },
  ];
  assert.is(
    releaseSection({ version: '0.2.0', date: '2026-12-01', changes }),
    '## 0.2.0 (2026-12-01)\n\n### New\n\n- A is new.\n- Z is new.\n\n### Fixed\n\n- It no longer\n  breaks.\n',
  );
});

test('a stray file is refused by name', () => {
  assert.throws(
    () => releaseSection({ version: '1', date: '', changes: [{ file: 'notes.txt', text: '' }] }),
    /changes\/notes\.txt/,
  );
});

test.run();
