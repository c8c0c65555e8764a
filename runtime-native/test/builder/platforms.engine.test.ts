// timeout: 600s
import { mkdtempSync, rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hostPlatform } from '#runtime/images/platform.ts';
import { startDockerRegistry } from '../registry/docker-registry.ts';
import { buildFixture, file } from './build-fixture.ts';

const own = `linux/${hostPlatform().architecture}`;
const other = own === 'linux/arm64' ? 'linux/amd64' : 'linux/arm64';

/** Cross-built: the work is done here, what is made for each platform is only copied. */
const cross = `FROM --platform=$BUILDPLATFORM tscompose/busybox:1 AS build
ARG TARGETPLATFORM TARGETARCH BUILDARCH
RUN echo $BUILDARCH-$TARGETARCH > /made
FROM --platform=$BUILDPLATFORM tscompose/busybox:1 AS shared
RUN cat /proc/uptime > /once
FROM scratch
ARG TARGETPLATFORM
LABEL for=$TARGETPLATFORM
COPY --from=build /made /made
COPY --from=shared /once /once
COPY file /
`;

test('a foreign platform needs no emulator where nothing of it is run', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ Dockerfile: cross, file: 'x' });
  const { image, done } = await fixture.build({ context, platform: other.replace('arm64', 'aarch64'), references: ['one:1'] });
  assert.equal(image.platform, { os: 'linux', architecture: other.slice(6) });
  assert.is(image.config.Labels?.['for'], other);
  assert.equal(await fixture.tree(image, ['/made']), { '/made': file(`${own.slice(6)}-${other.slice(6)}\n`) });
  assert.ok(done.length > 0);
});

test('several platforms: what they share is done once, a push sends an index', async () => {
  await using fixture = await buildFixture();
  const home = mkdtempSync('/tmp/tsc-index-');
  const registry = await startDockerRegistry({ directory: home });
  try {
    const reference = `127.0.0.1:${registry.port}/team/cross:1`;
    const context = fixture.context({ Dockerfile: cross, file: 'x' });
    const request = { context, platforms: [other, own], references: [reference] };
    const { image, done } = await fixture.build({ ...request, allPlatforms: true });
    assert.is(`linux/${image.platform.architecture}`, own, 'the name means what runs here');
    assert.is(done.filter((title) => title.includes(`${other} build 2/2`)).length, 1);
    assert.equal((await fixture.build({ ...request, allPlatforms: true })).done, [], 'both come from the cache');

    const { engine } = fixture.base;
    assert.equal(
      (await engine.listImages()).filter(({ references }) => references.length === 0),
      [],
      'the other one is not a nameless image',
    );
    await engine.pruneImages({ all: false, labels: [], withoutLabels: [] });
    const pushed = await engine.pushImage(reference, () => {});
    const response = await fetch(`http://${reference.replace('/team', '/v2/team').replace(/:1$/, '')}/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
      signal: AbortSignal.timeout(30_000),
    });
    const index = (await response.json()) as { manifests: { platform: { architecture: string }; digest: string }[] };
    assert.is(response.headers.get('docker-content-digest'), pushed.digest);
    assert.equal(
      index.manifests.map(({ platform }) => `linux/${platform.architecture}`),
      [own, other],
    );

    // Another machine takes the one that it asks for; "once" is the same in both.
    await using elsewhere = await buildFixture();
    const dockerfile = `FROM ${reference}\nFROM --platform=${other} ${reference} AS foreign\nFROM scratch
COPY --from=0 /once /here\nCOPY --from=foreign /once /there\nCOPY --from=foreign /made /made\n`;
    const both = { context: elsewhere.context({ Dockerfile: dockerfile }) };
    const { image: made } = await elsewhere.build(both);
    const tree = await elsewhere.tree(made, ['/here', '/there', '/made']);
    assert.is(tree['/here'], tree['/there']);
    assert.is(tree['/made'], file(`${own.slice(6)}-${other.slice(6)}\n`));
    registry.kill();
    assert.equal((await elsewhere.build(both)).done, [], 'both stay here under one name');
    const named = await elsewhere.base.engine.inspectImage(reference);
    assert.is(`linux/${named?.platform.architecture}`, own);

    // One platform again, without the command that wants all: the other image has no name any more.
    await fixture.build({ ...request, noCache: true });
    const nameless = (await engine.listImages()).filter(({ references }) => references.length === 0);
    assert.ok(nameless.some(({ config }) => config.Labels?.['for'] === other));
  } finally {
    registry.kill();
    rmSync(home, { recursive: true, force: true });
  }
});

test('RUN of a foreign program is refused with the way out where the kernel has no handler', async () => {
  await using fixture = await buildFixture();
  const context = fixture.context({ Dockerfile: 'FROM scratch AS base\nCOPY file /bin/sh\nRUN true\n', file: 'x' });
  const failure = await fixture.build({ context, platform: 'linux/vax' }).catch((error: unknown) => error);
  assert.match(String(failure), /programs for linux\/vax do not run on this machine/);
  assert.match(JSON.stringify(failure), /"line|BUILDPLATFORM|no-emulator/);
});

test.run();
