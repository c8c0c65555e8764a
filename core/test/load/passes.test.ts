import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collector } from '#core/diagnostics/collector.ts';
import { clearPaths, takeTags } from '#core/load/01-tags.pass.ts';
import { interpolate } from '#core/load/02-interpolate.pass.ts';
import { include } from '#core/load/03-include.pass.ts';
import { extend } from '#core/load/04-extends.pass.ts';
import { merge } from '#core/load/05-merge.pass.ts';
import { unique } from '#core/load/06-unique.pass.ts';
import { validateSchema } from '#core/load/07-schema.pass.ts';
import { canonicalise } from '#core/load/08-canonical.pass.ts';
import { setDefaults } from '#core/load/09-defaults.pass.ts';
import { checkValues } from '#core/load/10-values.pass.ts';
import { resolvePaths } from '#core/load/11-paths.pass.ts';
import { resolveEnvironment } from '#core/load/12-environment.pass.ts';
import { normalise } from '#core/load/13-normalise.pass.ts';
import type { DocumentContext } from '#core/load/context.ts';
import { loadExtended, loadModel } from '#core/load/load-model.ts';
import { remoteDefinitions } from '#core/load/remote-definition.ts';
import { renderRaw } from '#core/load/render/render-raw.ts';
import { sourcesFrom } from '#core/load/sources.ts';
import { readYaml } from '#core/source/read-yaml.ts';
import { type MapNode, mapNode } from '#core/source/tree.ts';

type Run = (documents: readonly MapNode[], context: DocumentContext) => readonly MapNode[];

const alone =
  (pass: (tree: MapNode, context: DocumentContext) => MapNode): Run =>
  (documents, context) =>
    documents.map((document) => pass(document, context));

const passes: Readonly<Record<string, Run>> = {
  '01-tags': ([below, document], _context) => {
    assert.ok(below && document);
    const { tree, cleared } = takeTags(document);
    return [clearPaths(below, cleared), tree];
  },
  '02-interpolate': alone(interpolate),
  '03-include': alone(include(loadModel)),
  '04-extends': alone(extend(loadExtended)),
  '05-merge': ([below, document], context) => {
    assert.ok(below && document);
    return [merge(document, { ...context, accumulated: below })];
  },
  '06-unique': alone(unique),
  '07-schema': alone(validateSchema),
  '08-canonical': alone(canonicalise),
  '09-defaults': alone(setDefaults),
  '10-values': alone(checkValues),
  '11-paths': alone((tree, context) => resolvePaths(tree, { ...context, workingDir: '/srv/app' })),
  '12-environment': alone(resolveEnvironment),
  '13-normalise': alone((tree, context) => normalise(tree, { ...context, projectName: 'app' })),
};

/** The sections of the page that have samples, each with its fences by name. */
function samples(): Map<string, Map<string, string>> {
  const page = readFileSync(new URL('../../../docs/loading.md', import.meta.url), 'utf8');
  const found = new Map<string, Map<string, string>>();
  for (const section of page.split(/^### /m).slice(1)) {
    const fences = [...section.matchAll(/^```yaml (\S+)\n(.*?)^```$/gms)].map(
      ([, name = '', text = '']) => [name, text] as const,
    );
    found.set(section.split('\n', 1)[0] ?? '', new Map(fences));
  }
  return found;
}

async function check(run: Run, fences: ReadonlyMap<string, string>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-pass-'));
  await using _cleanup = { [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
  for (const [path, text] of fences) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const file = { name: 'before', path: join(directory, 'before'), text: fences.get('before') ?? '' };
  const { documents, problems } = readYaml(file);
  assert.equal(problems, []);
  const report = collector();
  const context: DocumentContext = {
    collector: report,
    sources: sourcesFrom(directory, new Set()),
    remotes: remoteDefinitions(undefined),
    workingDir: directory,
    lookupDir: directory,
    environment: new Map([['TAG', '1.2']]),
    interpolates: true,
    resolvesPaths: true,
    validates: true,
    including: [],
    file,
    accumulated: mapNode(new Map(), { file, start: 0, end: 0 }),
    cleared: [],
  };
  const trees = run(documents as readonly MapNode[], context);
  report.throwIfErrors();
  assert.fixture(trees.map((tree) => renderRaw(tree, 'yaml')).join('---\n'), fences.get('after') ?? '');
}

const found = samples();

test('every pass has a sample', () => assert.equal([...found.keys()], Object.keys(passes)));

for (const [name, run] of Object.entries(passes)) {
  test(`the sample of ${name}`, () => check(run, found.get(name) ?? new Map()));
}

test.run();
