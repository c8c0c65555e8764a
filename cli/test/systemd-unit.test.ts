import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unitText } from '../systemd/unit.ts';

test('what systemd would expand is quoted', () => {
  const text = unitText({
    project: 'p',
    workingDir: '/srv/50% $HOME "quoted"',
    composeFiles: ['/srv/$x.yaml'],
    envFiles: [],
    profiles: [],
    program: '/opt/tscompose/bin/tscompose',
    env: {},
  });
  assert.match(text, /--project-directory "\/srv\/50%% \$\$HOME \\"quoted\\""/);
  assert.match(text, /--file \/srv\/\$\$x\.yaml /);
  assert.match(text, /^RequiresMountsFor="\/srv\/50%% \$HOME \\"quoted\\"" \/var\/lib\/tscompose$/m);
});

test.run();
