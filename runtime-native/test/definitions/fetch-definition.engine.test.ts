// timeout: 240s
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchDefinition } from '#runtime/definitions/fetch-definition.ts';
import { gitServer, makeRepository } from '../git-server.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';

function place() {
  const root = mkdtempSync(join(tmpdir(), 'tsc-definition-'));
  const cache = join(root, 'cache');
  const fetch = (reference: string, env: Record<string, string> = {}) =>
    fetchDefinition({
      reference,
      env: { HOME: root, XDG_CACHE_HOME: cache, TSCOMPOSE_CONFIG: join(root, 'none.json'), ...env },
      insecureRegistries: [],
      signal: AbortSignal.timeout(120_000),
    });
  return {
    root,
    entries: () => (existsSync(join(cache, 'tscompose/definitions')) ? readdirSync(join(cache, 'tscompose/definitions')) : []),
    fetch,
    refusal: (reference: string, env?: Record<string, string>) =>
      fetch(reference, env).then(
        (path) => `it was fetched to ${path}`,
        (error: unknown) => String(error),
      ),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

test('a git repository: default branch, branch, commit, directory and file; a commit once', async () => {
  using here = place();
  const repositories = join(here.root, 'repositories');
  const { git, commit, first } = makeRepository(join(repositories, 'app.git'), {
    'compose.yaml': 'name: one',
    'stack/docker-compose.yml': 'name: stack',
    'stack/other.yaml': 'name: other',
    'empty/README': '',
  });
  symlinkSync('/etc/hostname', join(repositories, 'app.git', 'link.yaml'));
  const second = commit({ 'compose.yaml': 'name: two' });
  git('branch', 'old', first);
  await using server = await gitServer(repositories);
  const url = `${server.url}/app.git`;
  const textOf = async (reference: string) => readFileSync(await here.fetch(reference), 'utf8');
  assert.is(await textOf(url), 'name: two');
  assert.is(await textOf(`${url}#old`), 'name: one');
  assert.is(await textOf(`${url}#main:stack`), 'name: stack');
  assert.is(await textOf(`${url}#main:stack/other.yaml`), 'name: other');
  assert.equal(here.entries().sort(), [first, second].sort());
  assert.is(existsSync(join(here.root, 'cache/tscompose/definitions', second, '.git')), false);
  const third = commit({ 'compose.yaml': 'name: three' });
  assert.is(await textOf(url), 'name: three', 'the branch has moved');
  assert.match(await here.refusal(`${url}#main:link.yaml`), 'no compose file at "link.yaml"');
  assert.match(await here.refusal(`${url}#main:../${first}`), 'no compose file at');
  assert.match(await here.refusal(`${url}#main:empty`), 'no compose file at "empty"');
  assert.match(await here.refusal(`${url}#nowhere`), 'the repository has no "nowhere"');
  assert.match(await here.refusal(`${server.url}/other.git`), /not exported|not found|access denied/i);
  assert.match(await here.refusal(url, { COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false' }), 'COMPOSE_EXPERIMENTAL_GIT_REMOTE=false');
  await server[Symbol.asyncDispose]();
  assert.is(await textOf(`${url}#${third}`), 'name: three', 'a commit that is there needs no server');
  assert.equal(here.entries().sort(), [first, second, third].sort(), 'nothing half-made stays');
});

test('a web address that is no repository, and programs in the place of one, are refused', async () => {
  using here = place();
  assert.match(await here.refusal('https://web.test/compose.yaml'), 'neither a git repository');
  assert.match(await here.refusal('git@--upload-pack=touch:x'), /Error/);
  assert.match(await here.refusal(`ssh://-oProxyCommand=touch${'$'}{IFS}${here.root}/owned/x.git`), /Error/);
  assert.not(existsSync(join(here.root, 'owned')));
  assert.equal(here.entries(), []);
});

const annotation = 'com.docker.compose';
const project = 'application/vnd.docker.compose.project';
const yaml = 'application/vnd.docker.compose.file+yaml';

/** Pushes documents as `docker compose publish` does. */
function pusher(registry: string) {
  const put = async (path: string, type: string, body: string): Promise<string> => {
    const response = await fetch(new URL(path, registry), { method: 'PUT', headers: { 'content-type': type }, body });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return `sha256:${createHash('sha256').update(body).digest('hex')}`;
  };
  const blob = async (text: string) => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const started = await fetch(new URL('/v2/stack/blobs/uploads/', registry), { method: 'POST' });
    const place = new URL(started.headers.get('location') ?? '', registry);
    place.searchParams.set('digest', digest);
    await put(place.href, 'application/octet-stream', text);
    return { digest, size: Buffer.byteLength(text) };
  };
  return async (tag: string, layers: readonly { type: string; text: string; annotations: Record<string, string> }[]) => {
    const config = { mediaType: 'application/vnd.docker.compose.config.empty.v1+json', ...(await blob('{}')) };
    const described = [];
    for (const { type, text, annotations } of layers) described.push({ mediaType: type, ...(await blob(text)), annotations });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = { schemaVersion: 2, mediaType, artifactType: project, config, layers: described };
    return put(`/v2/stack/manifests/${tag}`, mediaType, JSON.stringify(manifest));
  };
}

test('an OCI artifact as "publish" makes it: files, extended ones, env files; names that lead out are refused', async () => {
  using here = place();
  await using registry = await startDockerRegistry({ directory: join(here.root, 'registry') });
  const push = pusher(`http://127.0.0.1:${registry.port}`);
  const file = (text: string, name = 'compose.yaml') => ({ type: yaml, text, annotations: { [`${annotation}.file`]: name } });
  const digest = await push('good', [
    file('services: {a: {image: i}}'),
    file('services: {b: {image: j}}', 'override.yaml'),
    { type: yaml, text: 'services: {}', annotations: { [`${annotation}.file`]: 'abc.yaml', [`${annotation}.extends`]: 'true' } },
    {
      type: 'application/vnd.docker.compose.envfile',
      text: 'A=1',
      annotations: { [`${annotation}.envfile`]: 'def.env' },
    },
  ]);
  const name = `oci://127.0.0.1:${registry.port}/stack`;
  const path = await here.fetch(`${name}:good`);
  assert.is(readFileSync(path, 'utf8'), 'services: {a: {image: i}}\n---\nservices: {b: {image: j}}');
  assert.equal(readdirSync(join(path, '..')).sort(), ['abc.yaml', 'compose.yaml', 'def.env']);
  assert.is(await here.fetch(`${name}@${digest}`), path);
  const bad = { ...file('x'), annotations: { [`${annotation}.file`]: '../../../../owned', [`${annotation}.extends`]: 'true' } };
  await push('bad', [file('services: {}'), bad]);
  assert.match(await here.refusal(`${name}:bad`), 'which is no plain file name');
  assert.not(existsSync(join(here.root, 'owned')));
  assert.match(await here.refusal(`${name}:none`), /manifest|unknown|not found|404/i);
  assert.match(await here.refusal(`${name}:good`, { COMPOSE_EXPERIMENTAL_OCI_REMOTE: '0' }), 'COMPOSE_EXPERIMENTAL_OCI_REMOTE=0');
  assert.equal(here.entries(), [digest.replace('sha256:', '')], 'nothing half-made stays');
});

test.run();
