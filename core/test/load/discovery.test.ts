// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, load, model, projectFixture, warnings } from './project-fixture.ts';

const plain = 'services: {a: {image: i}}';

test('the preferred file name wins, with a warning', async () => {
  const files = { 'docker-compose.yml': 'services: {a: {image: old}}', 'compose.yaml': plain };
  assert.is((await model(files)).services.a.image, 'i');
  assert.match((await warnings(files))[0] ?? '', /^found several compose files: compose.yaml, docker-compose.yml; using/);
});

test('one override file is added, .yml before .yaml, whatever the base is called', async () => {
  const { services } = await model({
    'docker-compose.yaml': plain,
    'compose.override.yml': 'services: {a: {image: yml}}',
    'compose.override.yaml': 'services: {a: {image: yaml}}',
  });
  assert.is(services.a.image, 'yml');
});

test('parent directories are searched; the file is the base of relative paths', async () => {
  await using fixture = await projectFixture({ 'compose.yaml': 'services: {a: {image: i, build: .}}', 'deep/er/x': '' });
  const { project } = await fixture.load({ cwd: join(fixture.directory, 'deep/er') });
  assert.is(project.services['a']?.build?.context, fixture.directory);
  assert.is(project.name, 'project');
  assert.equal(project.composeFiles, [join(fixture.directory, 'compose.yaml')]);
});

test('no file at all', async () => {
  assert.match(await failure({ x: '' }), /^load.no-file no configuration file provided: not found in "@"/);
  assert.match(
    await failure({ x: '' }, { files: ['no.yaml'] }),
    /^load.file-not-found cannot read "@\/no.yaml": no such file or directory$/,
  );
});

test('COMPOSE_FILE names the files, also from .env; then there is no override', async () => {
  const files = { 'a.yaml': plain, 'b.yaml': 'services: {a: {image: b}}', 'compose.override.yaml': 'services: {a: {image: no}}' };
  assert.is((await model(files, { env: { COMPOSE_FILE: 'a.yaml:b.yaml' } })).services.a.image, 'b');
  assert.is((await model({ ...files, '.env': 'COMPOSE_FILE=a.yaml' })).services.a.image, 'i');
  assert.is((await model(files, { env: { COMPOSE_FILE: 'a.yaml,b.yaml', COMPOSE_PATH_SEPARATOR: ',' } })).services.a.image, 'b');
});

test('a dash reads standard input', async () => {
  const { project } = await load({ x: '' }, { files: ['-'], projectName: 'piped', readStdin: async () => plain });
  assert.is(project.name, 'piped');
  assert.is(project.services['a']?.image, 'i');
});

test('the project directory may be given', async () => {
  const project = await model(
    { 'sub/c.yaml': 'services: {a: {build: ./x}}' },
    { files: ['sub/c.yaml'], projectDirectory: 'other' },
  );
  assert.is(project.workingDir, '@/other');
  assert.is(project.services.a.build.context, '@/other/x');
  assert.is(project.name, 'other');
});

test('names: -p, variable, last name of the files, directory', async () => {
  const named = { 'compose.yaml': `name: first\n${plain}`, 'compose.override.yaml': 'name: "My ${X:-Sec.ond}"' };
  assert.is((await model(named, { projectName: 'p' })).name, 'p');
  assert.is((await model(named, { env: { COMPOSE_PROJECT_NAME: 'v' } })).name, 'v');
  assert.is((await model({ ...named, '.env': 'COMPOSE_PROJECT_NAME=envfile' })).name, 'envfile');
  assert.is((await model(named)).name, 'mysecond');
  assert.is((await model(plain)).name, 'project');
});

test('the name can be used in the files, earlier ones too', async () => {
  const { services } = await model({
    'compose.yaml': 'name: one\nservices: {a: {image: "i:${COMPOSE_PROJECT_NAME}"}}',
    'compose.override.yaml': 'name: two',
  });
  assert.is(services.a.image, 'i:two');
});

test('given names must be normal already', async () => {
  for (const name of ['-my', '_my', 'www.my.project', 'MY_PROJECT']) {
    assert.match(await failure(plain, { projectName: name }), /^load.project-name invalid project name/);
    assert.match(await failure(plain, { env: { COMPOSE_PROJECT_NAME: name } }), /^load.project-name/);
  }
  assert.is((await model(plain, { projectName: '42my_project' })).name, '42my_project');
});

test('a name that is no text, or nothing, is refused', async () => {
  assert.is(await failure(`name: 123\n${plain}`), 'load.schema name must be a string, not the number 123');
  assert.match(await failure(`name:\n${plain}`), /^load.schema name must be a string/);
  assert.is(
    await failure({ '.../compose.yaml': plain }, { files: ['.../compose.yaml'] }),
    'load.project-name-empty project name must not be empty',
  );
});

test('a written name that comes to nothing is not replaced by the directory', async () => {
  assert.is(await failure(`name: "$UNSET"\n${plain}`), 'load.project-name-empty project name must not be empty');
});

test('a linked directory keeps its own name, with a warning', async () => {
  await using fixture = await projectFixture({});
  await mkdir(join(fixture.parent, 'target'));
  await writeFile(join(fixture.parent, 'target/compose.yaml'), plain);
  await symlink('target', join(fixture.parent, 'Link'));
  const { project, warnings: found } = await fixture.load({ cwd: join(fixture.parent, 'Link') });
  assert.is(project.name, 'link');
  assert.equal(
    found.map((warning) => warning.code),
    ['load.symlinked-directory'],
  );
});

test('the environment wins over .env; several env files override each other', async () => {
  const files = {
    'compose.yaml': 'services: {a: {image: "${A}${B}"}}',
    '.env': 'A=dot\nB=$A',
    'one.env': 'A=1\nB=1',
    'two.env': 'B=2',
  };
  assert.is((await model(files)).services.a.image, 'dotdot');
  assert.is((await model(files, { env: { A: 'os' } })).services.a.image, 'osos');
  assert.is((await model(files, { envFiles: ['one.env', 'two.env'] })).services.a.image, '12');
  assert.is((await model(files, { env: { COMPOSE_ENV_FILES: 'two.env,one.env' } })).services.a.image, '11');
});

test('.env can be switched off, in the process only', async () => {
  const files = { 'compose.yaml': 'services: {a: {image: "i${A}"}}', '.env': 'A=dot\nCOMPOSE_DISABLE_ENV_FILE=1' };
  assert.is((await model(files)).services.a.image, 'idot');
  assert.is((await model(files, { env: { COMPOSE_DISABLE_ENV_FILE: 'true' } })).services.a.image, 'i');
  assert.match(await failure(files, { env: { COMPOSE_DISABLE_ENV_FILE: 'perhaps' } }), /^load.boolean-variable/);
});

test('the .env of the current directory wins over that of the parent with the files', async () => {
  await using fixture = await projectFixture({
    'compose.yaml': 'services: {a: {image: "${A}-${B}"}}',
    '.env': 'A=parent\nB=parent',
    'sub/.env': 'A=sub',
  });
  const { project } = await fixture.load({ cwd: join(fixture.directory, 'sub') });
  assert.is(project.services['a']?.image, 'sub-parent');
});

test('a listed env file must exist and be readable', async () => {
  assert.is(await failure(plain, { envFiles: ['no.env'] }), "load.env-file-not-found couldn't find env file: @/no.env");
  assert.match(await failure({ 'compose.yaml': plain, 'd/x': '' }, { envFiles: ['d'] }), /is a directory/);
  assert.match(
    await failure({ 'compose.yaml': plain, '.env': 'A=1\nB C=2' }),
    /^load.env-file-syntax failed to read .*\.env: line 2: key cannot contain a space/,
  );
});

test.run();
