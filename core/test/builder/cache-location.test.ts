import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCacheSource, parseCacheTarget } from '#core/builder/cache-location.ts';

for (const [text, place] of [
  ['example/app:cache', { type: 'registry', reference: 'example/app:cache' }],
  ['type=registry,ref=host:5000/a/b', { type: 'registry', reference: 'host:5000/a/b' }],
  ['type=local,src=../cache', { type: 'local', directory: '/cache', tag: 'latest' }],
  ['type=local,src=/c,tag=x,digest=sha256:1', { type: 'local', directory: '/c', tag: 'x', digest: 'sha256:1' }],
] as const) {
  test(`cache_from ${text}`, () => assert.equal(parseCacheSource(text, '/base'), { place }));
}

for (const [text, place] of [
  ['example/app:cache', { type: 'registry', reference: 'example/app:cache', mode: 'min', ignoreError: false }],
  ['type=inline', { type: 'inline' }],
  [
    'type=registry,ref=a/b,mode=max,image-manifest=true,oci-mediatypes=true,compression=zstd,ignore-error=true',
    { type: 'registry', reference: 'a/b', mode: 'max', ignoreError: true },
  ],
  ['type=local,dest=c', { type: 'local', directory: '/base/c', tag: 'latest', mode: 'min', ignoreError: false }],
] as const) {
  test(`cache_to ${text}`, () => assert.equal(parseCacheTarget(text, '/base'), { place }));
}

for (const [parse, text, reason] of [
  [parseCacheSource, 'type=gha', /GitHub/],
  [parseCacheTarget, 'type=s3,bucket=x', /Amazon S3/],
  [parseCacheTarget, 'type=azblob,name=x', /Azure/],
  [parseCacheSource, 'type=local', /needs "src=/],
  [parseCacheSource, 'type=local,dest=/c,src=/c', /has no option "dest"/],
  [parseCacheSource, 'type=inline', /reference of the image/],
  [parseCacheSource, 'type=magic,a=b', /"magic" is not known/],
  [parseCacheSource, 'type=registry,ref', /it is not type=registry/],
  [parseCacheTarget, 'type=inline,mode=max', /has no option "mode"/],
  [parseCacheTarget, 'type=local,dest=c,mode=most', /min or max/],
  [parseCacheTarget, 'type=local,dest=c,compression=gzip', /as zstd, not as "gzip"/],
  [parseCacheTarget, 'type=local,dest=c,oci-mediatypes=false', /always true/],
  [parseCacheTarget, 'type=local,dest=c,force-compression=true', /as they came/],
  [parseCacheTarget, 'type=local,dest=c,compression-level=3', /no effect/],
] as const) {
  test(`${text} is refused`, () => {
    const parsed = parse(text, '/base');
    assert.match('refusal' in parsed ? parsed.refusal : '', reason);
  });
}

test.run();
