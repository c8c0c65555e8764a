import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveUser } from '#runtime/images/user-database.ts';

const files = {
  passwd: `root:x:0:0:root:/root:/bin/sh
# comment:x:5:5::/:
broken line
app:x:1000:1001:An App:/home/app:/bin/sh
app:x:7:7:second of the name:/seven:
1234:x:42:42:a name of digits:/digits:
nohome:x:50:50::
`,
  group: `root:x:0:
app:x:1001:
audio:x:29:root,app
video:x:44:app
twice:x:29:app
bad:x:notanumber:app
`,
};

const cases: readonly (readonly [string, readonly string[], object])[] = [
  ['', [], { uid: 0, gid: 0, groups: [29], home: '/root' }],
  ['app', [], { uid: 1000, gid: 1001, groups: [29, 44], home: '/home/app' }],
  ['1000', [], { uid: 1000, gid: 1001, groups: [29, 44], home: '/home/app' }],
  ['app:video', [], { uid: 1000, gid: 44, groups: [], home: '/home/app' }],
  ['app:77', ['audio', '9'], { uid: 1000, gid: 77, groups: [9, 29], home: '/home/app' }],
  ['app', ['29', '5'], { uid: 1000, gid: 1001, groups: [5, 29, 44], home: '/home/app' }],
  ['99', [], { uid: 99, gid: 0, groups: [], home: '/' }],
  ['1234', [], { uid: 1234, gid: 0, groups: [], home: '/' }],
  ['nohome', [], { uid: 50, gid: 50, groups: [], home: '/' }],
  [':video', [], { uid: 0, gid: 44, groups: [], home: '/root' }],
  ['ghost', [], { missing: 'ghost' }],
  ['app:ghosts', [], { missing: 'ghosts' }],
  ['app', ['ghosts'], { missing: 'ghosts' }],
  ['99999999999', [], { missing: '99999999999' }],
  ['comment', [], { missing: 'comment' }],
];

for (const [user, groups, expected] of cases) {
  test(`user "${user}" with groups [${groups}]`, () => {
    assert.equal(resolveUser(files, { user, groups }), expected);
  });
}

test('an image without account files knows numbers only', () => {
  const none = { passwd: '', group: '' };
  assert.equal(resolveUser(none, { user: '5:6', groups: ['7'] }), { uid: 5, gid: 6, groups: [7], home: '/' });
  assert.equal(resolveUser(none, { user: 'root', groups: [] }), { missing: 'root' });
  assert.equal(resolveUser(none, { user: '', groups: [] }), { uid: 0, gid: 0, groups: [], home: '/' });
});

test.run();
