// timeout: 600s
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasCode } from '#core/diagnostics/error.ts';
import { gitServer } from '../git-server.ts';
import { type BuildFixture, buildFixture, file } from './build-fixture.ts';

const base = 'FROM tscompose/busybox:1\n';

test('ADD unpacks archives of every compression, and only those that it names', async () => {
  await using fixture = await buildFixture();
  const { root } = fixture.base;
  const directory = join(root, 'packed');
  mkdirSync(join(directory, 'd'), { recursive: true });
  writeFileSync(join(directory, 'd/f'), 'from an archive');
  const pack = (option: string) => execFileSync('tar', ['-C', directory, option, '-cf', '-', '.'], { timeout: 60_000 });
  const archives = { 'a.tar': pack('--format=gnu'), 'a.tar.gz': pack('-z'), 'a.tar.bz2': pack('-j'), 'a.tar.xz': pack('-J') };
  const context = fixture.context({
    ...Object.fromEntries(Object.entries(archives).map(([name, data]) => [name, { data }])),
    'dir/inner.tar.gz': { data: archives['a.tar.gz'] },
    'no-archive.tar': 'just text',
    Dockerfile: `${base}ADD a.tar /tar/\nADD a.tar.gz /gz/\nADD a.tar.bz2 /bz2/\nADD a.tar.xz /xz/\nADD dir /dir/\nADD no-archive.tar /x/\nCOPY a.tar.gz /copied/\nADD --unpack=false a.tar.gz /kept/`,
  });
  const { image } = await fixture.build({ context });
  const unpacked = ['/tar/d/f', '/gz/d/f', '/bz2/d/f', '/xz/d/f'];
  const whole = ['/dir/inner.tar.gz', '/copied/a.tar.gz', '/kept/a.tar.gz'];
  const found = await fixture.tree(image, [...unpacked, ...whole, '/x/no-archive.tar']);
  assert.equal(Object.keys(found).sort(), [...unpacked, ...whole, '/x/no-archive.tar'].sort());
  for (const path of unpacked) assert.is(found[path], file('from an archive'));
});

test('ADD fetches addresses, checks their digest, and leaves their archives packed', async () => {
  await using fixture = await buildFixture();
  await using server = await textServer({ '/a.txt': 'fetched', '/x/b.tar': 'not unpacked' });
  const digest = createHash('sha256').update('fetched').digest('hex');
  const context = fixture.context({
    Dockerfile: `${base}ADD --checksum=sha256:${digest} ${server.url}/a.txt /f\nADD --chmod=644 ${server.url}/x/b.tar /d/`,
  });
  const { image } = await fixture.build({ context });
  assert.equal(await fixture.tree(image, ['/f', '/d/b.tar']), {
    '/f': file('fetched', '600 0:0'),
    '/d/b.tar': file('not unpacked'),
  });
  assert.is((await fixture.build({ context })).cached.length, 2);
  await fails(fixture, `${base}ADD --checksum=sha256:${'0'.repeat(64)} ${server.url}/a.txt /f`, 'build.download-failed');
  await fails(fixture, `${base}ADD ${server.url}/none /f`, 'build.download-failed');
});

test('a context may be an archive at an address', async () => {
  await using fixture = await buildFixture();
  const directory = fixture.context({ Dockerfile: 'FROM scratch\nCOPY a /a', a: 'A' });
  const archive = execFileSync('tar', ['-C', directory, '-czf', '-', '.'], { timeout: 60_000 });
  await using server = await textServer({ '/context.tar.gz': archive });
  const { image } = await fixture.build({ context: `${server.url}/context.tar.gz` });
  assert.equal(await fixture.tree(image, ['/a']), { '/a': file('A') });
});

test('git repositories: as a context, with branch and directory, and for ADD', async () => {
  await using fixture = await buildFixture();
  const repositories = join(fixture.base.root, 'repositories');
  const directory = join(repositories, 'app.git');
  mkdirSync(join(directory, 'sub'), { recursive: true });
  const git = (...argv: readonly string[]) =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...argv], {
      timeout: 60_000,
      encoding: 'utf8',
    });
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY file /file');
  writeFileSync(join(directory, 'file'), 'main');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  git('checkout', '--quiet', '-b', 'other');
  writeFileSync(join(directory, 'sub/Dockerfile'), 'FROM scratch\nCOPY file /file');
  writeFileSync(join(directory, 'sub/file'), 'sub of other');
  git('add', '.');
  git('commit', '--quiet', '-m', 'two');
  const commit = git('rev-parse', 'HEAD').trim();
  git('checkout', '--quiet', 'main');
  await using server = await gitServer(repositories);
  const url = `${server.url}/app.git`;
  const fileOf = async (context: string) => (await fixture.tree((await fixture.build({ context })).image, ['/file']))['/file'];
  assert.is(await fileOf(url), file('main'));
  assert.is(await fileOf(`${url}#other:sub`), file('sub of other'));
  assert.is(await fileOf(`${url}?branch=other&subdir=sub`), file('sub of other'));
  assert.is(await fileOf(`${url}?ref=refs/heads/other&subdir=sub&commit=${commit.slice(0, 10)}`), file('sub of other'));
  await rejects(fixture, `${url}?branch=other&commit=0123456`, 'build.download-failed');
  const context = fixture.context({
    Dockerfile: `${base}ADD ${url}#other /whole/\nADD --keep-git-dir=true ${url} /kept/\nADD --checksum=${commit} ${url}#${commit} /pinned/`,
  });
  const { image } = await fixture.build({ context });
  const found = await fixture.tree(image, ['/whole/sub/file', '/whole/.git', '/kept/.git', '/kept/file', '/pinned/sub/file']);
  assert.equal(Object.keys(found).sort(), ['/kept/.git', '/kept/file', '/pinned/sub/file', '/whole/sub/file']);
  await rejects(fixture, `${url}#nowhere`, 'build.download-failed');
  await rejects(fixture, `${url}#other:../..`, 'engine.unsupported-option');
});

test('links of a context and of an image lead nowhere but into themselves', async () => {
  await using fixture = await buildFixture();
  const outside = join(fixture.base.root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'of the host');
  const context = fixture.context({
    etc: { link: '/etc' },
    up: { link: '../outside' },
    absolute: { link: outside },
    inside: { link: '/real' },
    real: 'in the context',
    Dockerfile: '',
  });
  for (const source of ['up/secret', 'absolute/secret', 'etc/passwd', '../outside/secret', `${outside}/secret`]) {
    writeFileSync(join(context, 'Dockerfile'), `${base}COPY ${source} /x`);
    await rejects(fixture, context, 'build.source-not-found');
    writeFileSync(join(context, 'Dockerfile'), `${base}RUN --mount=type=bind,source=${source},target=/x cat /x`);
    await rejects(fixture, context, 'build.source-not-found');
  }
  writeFileSync(join(context, 'Dockerfile'), `${base}COPY inside /x`);
  assert.equal(await fixture.tree((await fixture.build({ context })).image, ['/x']), { '/x': file('in the context') });

  // An image whose links point at the host: what is written through them stays inside.
  writeFileSync(
    join(context, 'Dockerfile'),
    `${base}RUN ln -s ${outside} /out && ln -s / /root-link\nCOPY real /out/written\nCOPY real /root-link/top`,
  );
  const { image } = await fixture.build({ context });
  assert.equal(await fixture.tree(image, [`${outside}/written`, '/top']), {
    [`${outside}/written`]: file('in the context'),
    '/top': file('in the context'),
  });
  assert.throws(() => readFileSync(join(outside, 'written')), /ENOENT/);
  writeFileSync(
    join(context, 'Dockerfile'),
    `${base}RUN ln -s ${outside} /out\nFROM tscompose/busybox:1\nCOPY --from=0 /out/secret /x`,
  );
  await rejects(fixture, context, 'build.source-not-found');
  // CVE-2024-1753: a mount whose source is such a link. CVE-2024-23651 swaps it while it is mounted: here nothing is, it is a copy.
  writeFileSync(
    join(context, 'Dockerfile'),
    `${base}RUN ln -s ${outside} /out\nFROM tscompose/busybox:1\nRUN --mount=type=bind,from=0,source=/out,target=/x,rw cat /x/secret`,
  );
  await rejects(fixture, context, 'build.source-not-found');
  // CVE-2024-23652: removing mount points after a step must not follow a link out. CVE-2024-21626: a working directory among our own fds.
  writeFileSync(
    join(context, 'Dockerfile'),
    `${base}RUN --mount=type=tmpfs,target=/gone/dir rm -rf /gone 2> /dev/null; ln -sfn ${outside} /link\nWORKDIR /proc/self/fd/7/../../../..${outside}\nRUN ls -A > /list`,
  );
  const escaped = await fixture.build({ context }).then(
    ({ image: made }) => fixture.tree(made, ['/list']),
    () => ({}),
  );
  assert.not.ok(Object.values(escaped).includes(file('secret\n')), 'the host’s directory was seen');
  assert.is(readFileSync(join(outside, 'secret'), 'utf8'), 'of the host');
});

test('an ignore file or Dockerfile that is a link is not read through; contexts keep their names to themselves', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ a: 'A', Dockerfile: 'FROM scratch\nCOPY . /' });
  symlinkSync('/etc/passwd', join(context, '.dockerignore'));
  const { image } = await fixture.build({ context });
  assert.equal(await fixture.tree(image, ['/a', '/.dockerignore']), { '/a': file('A'), '/.dockerignore': 'l /etc/passwd' });
  const foreign = fixture.context({ a: 'A' });
  symlinkSync(join(context, 'Dockerfile'), join(foreign, 'Dockerfile'));
  const archive = execFileSync('tar', ['-C', foreign, '-cf', '-', '.'], { timeout: 60_000 });
  await using server = await textServer({ '/c.tar': archive });
  await rejects(fixture, `${server.url}/c.tar`, 'engine.unsupported-option');
});

test('secrets are in no layer, no history and no cache key', async () => {
  await using fixture = await buildFixture();
  const { root } = fixture.base;
  const secrets = [{ id: 's', source: { content: 'hunter2-very-secret' } }];
  const context = fixture.context({
    Dockerfile: `${base}RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=S,target=/elsewhere test "$S" = "$(cat /run/secrets/s)" && echo ok > /ok`,
  });
  const { image } = await fixture.build({ context, secrets });
  assert.equal(await fixture.tree(image, ['/ok', '/run/secrets', '/elsewhere']), { '/ok': file('ok\n') });
  assert.is((await fixture.build({ context, secrets: [{ id: 's', source: { content: 'another' } }] })).cached.length, 1);
  rmSync(join(root, 'run'), { recursive: true, force: true });
  const found = spawnSync('grep', ['-rlaF', 'hunter2-very-secret', root, '--exclude-dir=context-1'], {
    timeout: 60_000,
    encoding: 'utf8',
  });
  // 1: looked at everything and found nothing.
  assert.equal([found.status, found.stdout], [1, '']);
});

test('an agent’s socket is handed on with the owner that the mount names', async () => {
  await using fixture = await buildFixture();
  const socket = join(fixture.base.root, 'agent.sock');
  const agent = createSocketServer();
  await new Promise<void>((resolve) => agent.listen(socket, resolve));
  const context = fixture.context({
    Dockerfile: `${base}RUN --mount=type=ssh,uid=7,mode=0640 test -S "$SSH_AUTH_SOCK" && stat -c '%u %a' "$SSH_AUTH_SOCK" > /mode
RUN --mount=type=ssh,id=other,target=/a.sock test ! -e /a.sock`,
  });
  const { image } = await fixture.build({ context, ssh: { default: socket } });
  assert.equal(await fixture.tree(image, ['/run/buildkit', '/a.sock', '/mode']), { '/mode': file('7 640\n') });
  await new Promise((resolve) => agent.close(resolve));
  writeFileSync(join(context, 'Dockerfile'), `${base}RUN --mount=type=ssh,required true`);
  await rejects(fixture, context, 'build.secret-missing');
});

async function fails(fixture: BuildFixture, dockerfile: string, code: string): Promise<void> {
  await rejects(fixture, fixture.context({ Dockerfile: dockerfile }), code);
}

async function rejects(fixture: BuildFixture, context: string, code: string): Promise<void> {
  const error: unknown = await fixture.build({ context }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!hasCode(error, code)) throw new Error(`expected ${code}, got ${error}`, { cause: error });
}

async function textServer(files: Readonly<Record<string, string | Buffer>>): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const content = files[request.url ?? ''];
    response.writeHead(content === undefined ? 404 : 200, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.run();
