import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { familiarReference, formatReference, parseReference } from '#runtime/images/reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

const normalised: Readonly<Record<string, string>> = {
  nginx: 'docker.io/library/nginx:latest',
  'nginx:1.27': 'docker.io/library/nginx:1.27',
  'team/app': 'docker.io/team/app:latest',
  'docker.io/nginx': 'docker.io/library/nginx:latest',
  'index.docker.io/team/app:2': 'docker.io/team/app:2',
  'localhost/app': 'localhost/app:latest',
  'localhost:5000/app': 'localhost:5000/app:latest',
  'registry.example.org/a/b/c:v1': 'registry.example.org/a/b/c:v1',
  'registry:5000/app:5000': 'registry:5000/app:5000',
  '[::1]:5000/app': '[::1]:5000/app:latest',
  '[2001:db8::1]/app:x': '[2001:db8::1]/app:x',
  'REGISTRY/app': 'REGISTRY/app:latest',
  [`nginx@${digest}`]: `docker.io/library/nginx@${digest}`,
  [`nginx:1@${digest}`]: `docker.io/library/nginx:1@${digest}`,
  'a__b/c-d.e_f': 'docker.io/a__b/c-d.e_f:latest',
};

for (const [text, expected] of Object.entries(normalised)) {
  test(`${text} means ${expected}`, () => {
    const reference = parseReference(text);
    assert.is(formatReference(reference), expected);
    assert.equal(parseReference(expected), reference, 'the normalised form means the same');
    assert.equal(parseReference(familiarReference(reference)), reference, 'and so does the short one');
  });
}

const refused = [
  '',
  ':1',
  'Nginx',
  'a//b',
  '/a',
  'a:',
  'a:b:c',
  'a@b',
  `a@${digest}@${digest}`,
  'a@sha256:12',
  '-a',
  'a..b',
  'a:-x',
];
refused.push('a'.repeat(260), 'a'.repeat(64), `a:${'x'.repeat(129)}`, 'host_name:5000/a', 'a b');

for (const text of refused) {
  test(`"${text.slice(0, 40)}" is refused`, () => {
    assert.throws(
      () => parseReference(text),
      (error: unknown) => hasCode(error, 'engine.invalid-reference'),
    );
  });
}

test('familiar names leave out what Docker Hub implies', () => {
  assert.is(familiarReference(parseReference('nginx:1')), 'nginx:1');
  assert.is(familiarReference(parseReference('team/app:1')), 'team/app:1');
  assert.is(familiarReference(parseReference('localhost:5000/app:1')), 'localhost:5000/app:1');
});

test.run();
