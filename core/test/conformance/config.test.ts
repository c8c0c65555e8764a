// timeout: 60s
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { loadProject } from '#core/load/load-project.ts';
import { renderJson, renderYaml } from '#core/load/render/render-project.ts';
import { skipFile } from '#tools/testing/skip.ts';

/** Real projects with the reference's output; they are beside the repository, not in it. */
const data = process.env['TSCOMPOSE_CONFORMANCE'] ?? new URL('../../../../shared/conformance', import.meta.url).pathname;
const cases = join(data, 'config');

/** Cases whose result differs from the reference's, each with its reason. */
const knownDifferences: Readonly<Record<string, string>> = {};

interface Case {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A copy of a case's project that disappears with the scope. */
async function projectCopy(id: string) {
  const parent = await mkdtemp(join(tmpdir(), 'tsc-conf-'));
  const directory = join(parent, 'project');
  await cp(join(cases, id, 'project'), directory, { recursive: true });
  return { parent, directory, [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }) };
}

async function run(id: string): Promise<void> {
  const { files, env }: Case = JSON.parse(readFileSync(join(cases, id, 'case.json'), 'utf8'));
  await using copy = await projectCopy(id);
  const expected = (name: string) =>
    readFileSync(join(cases, id, name), 'utf8')
      .replaceAll('@DIR@', copy.directory)
      .replaceAll('@PARENT@', copy.parent);
  const load = loadProject({ cwd: copy.directory, env, files, envFiles: [], profiles: [], services: [] });
  if (existsSync(join(cases, id, 'expect.error'))) {
    await load.then(
      () => assert.unreachable(`accepted, but the reference says: ${expected('expect.error')}`),
      (error) => assert.instance(error, TscomposeError),
    );
    return;
  }
  const { project } = await load;
  assert.fixture(renderJson(project).trimEnd(), expected('expect.json').trimEnd());
  assert.fixture(renderYaml(project), expected('expect.yaml'));
}

if (!existsSync(cases)) skipFile('needs the conformance data');
for (const id of readdirSync(cases).sort()) {
  if (knownDifferences[id] === undefined) test(`${id} loads as the reference does`, () => run(id));
}

test.run();
