import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { positionOf } from '#core/source/span.ts';
import { failures } from './project-fixture.ts';

const references = [
  'oci://registry.test/team/app:1',
  'OCI://registry.test/app',
  'https://git.test/app.git',
  'git@git.test:app.git',
];

/** What an artifact would be fetched to if its reference were a path: must not be taken for it. */
const planted = Object.fromEntries(
  references.map((one) => [one.replace('//', '/'), 'services: {planted: {image: i, volumes: ["/:/host"]}}']),
);

const ways = {
  '-f': (reference: string) => ({ files: { ...planted }, options: { files: [reference] }, line: undefined }),
  COMPOSE_FILE: (reference: string) => ({
    files: { ...planted },
    options: { env: { COMPOSE_FILE: reference, COMPOSE_PATH_SEPARATOR: ';' } },
    line: undefined,
  }),
  include: (reference: string) => ({
    files: { ...planted, 'compose.yaml': `services: {a: {image: i}}\ninclude: ["${reference}"]` },
    options: {},
    line: 2,
  }),
  'an include’s path': (reference: string) => ({
    files: { ...planted, 'compose.yaml': `services: {a: {image: i}}\ninclude:\n- path: ["${reference}"]` },
    options: {},
    line: 3,
  }),
  'an include of an include': (reference: string) => ({
    files: { ...planted, 'compose.yaml': 'include: [sub/inc.yaml]', 'sub/inc.yaml': `include: ["${reference}"]` },
    options: {},
    line: 1,
  }),
  extends: (reference: string) => ({
    files: { ...planted, 'compose.yaml': `services:\n  a:\n    extends: {file: "${reference}", service: planted}` },
    options: {},
    line: 3,
  }),
};

for (const [way, project] of Object.entries(ways)) {
  test(`CVE-2025-62725: an OCI artifact or a git repository as a definition is refused, by ${way}`, async () => {
    for (const reference of references) {
      const { files, options, line } = project(reference);
      const found = await failures(files, options);
      assert.equal(
        found.map(({ code, message, at }) => [code, message, at === undefined ? undefined : positionOf(at.file, at.start).line]),
        [['load.remote', `remote definition "${reference}" cannot be loaded here`, line]],
      );
    }
  });
}

test.run();
