import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/load/catalogue.ts';
import { positionOf } from '#core/source/span.ts';
import { failures, projectFixture } from './project-fixture.ts';

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

/** Definitions as if they had been fetched: files of a temporary directory by reference. */
async function fetched(definitions: Readonly<Record<string, string>>) {
  const fixture = await projectFixture(
    Object.fromEntries(Object.values(definitions).map((text, index) => [`fetched-${index}/compose.yaml`, text])),
  );
  const asked: string[] = [];
  const fetchDefinition = async (reference: string): Promise<string> => {
    asked.push(reference);
    const index = Object.keys(definitions).indexOf(reference);
    if (index === -1) throw new TscomposeError(diagnose('load.empty', {}));
    return join(fixture.directory, `fetched-${index}`, 'compose.yaml');
  };
  return { ...fixture, asked, fetchDefinition };
}

const git = 'https://git.test/app.git#main:stack';
const oci = 'oci://registry.test/base';

test('a fetched main file has its directory for paths, and the current one for its name', async () => {
  await using away = await fetched({ [git]: 'services: {a: {image: "i:$TAG", volumes: ["./data:/data"]}}' });
  await using here = await projectFixture({ '.env': 'TAG=of-here' });
  const { project, fetched: files } = await here.load({ files: [git], fetchDefinition: away.fetchDefinition });
  const [main = ''] = project.composeFiles;
  assert.is(main, join(away.directory, 'fetched-0', 'compose.yaml'));
  assert.equal([...files], [[main, git]]);
  assert.is(project.name, 'project');
  assert.is(project.workingDir, join(away.directory, 'fetched-0'));
  assert.is(project.services['a']?.image, 'i:of-here');
  assert.is(project.services['a']?.volumes?.[0]?.source, join(away.directory, 'fetched-0', 'data'));
});

test('include and extends fetch what they name, also from a definition that was fetched itself, each once', async () => {
  await using away = await fetched({
    [git]: `include: ["${oci}"]\nservices: {a: {image: i, build: ./a}}`,
    [oci]: 'services: {base: {image: base, labels: [x=y]}}',
  });
  const main = `include: ["${git}"]\nservices:\n  b:\n    extends: {file: "${oci}", service: base}\n  c:\n    extends: {file: "${oci}", service: base}`;
  await using here = await projectFixture(main);
  const { project, fetched: files } = await here.load({ fetchDefinition: away.fetchDefinition });
  assert.equal(Object.keys(project.services).sort(), ['a', 'b', 'base', 'c']);
  assert.is(project.services['b']?.image, 'base');
  assert.is(project.services['a']?.build?.context, join(away.directory, 'fetched-0', 'a'));
  assert.equal(away.asked.sort(), [git, oci].sort());
  assert.is(files.size, 2);
});

test('what cannot be fetched is told where it is named, with the reason', async () => {
  await using away = await fetched({});
  const found = await failures(`services: {a: {image: i}}\ninclude: ["${git}"]`, { fetchDefinition: away.fetchDefinition });
  assert.equal(
    found.map(({ code, message, at }) => [code, message, at === undefined ? undefined : positionOf(at.file, at.start).line]),
    [['load.remote-failed', `definition "${git}" cannot be fetched: empty compose file`, 2]],
  );
});

test.run();
