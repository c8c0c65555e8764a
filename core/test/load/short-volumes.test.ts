// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseVolume } from '#core/load/short/volume.ts';
import { failure, model, serviceFailure, serviceOf } from './project-fixture.ts';

function brief(spec: string) {
  const mount = parseVolume(spec);
  if ('problem' in mount) return mount.problem;
  const flags = [
    mount.readOnly ? 'ro' : '',
    mount.bind?.selinux ?? '',
    mount.bind?.propagation ?? '',
    mount.bind?.createsHostPath ? 'create' : '',
    mount.volume ? (mount.volume.nocopy ? 'nocopy' : 'vol') : '',
  ].filter((flag) => flag !== '');
  return `${mount.type} ${mount.source ?? '-'} ${mount.target} ${flags.join(',')}`.trim();
}

const forms: Readonly<Record<string, string>> = {
  '/path': 'volume - /path vol',
  '/a': 'volume - /a',
  '.': 'volume - .',
  'C:\\path': 'volume - C:\\path vol',
  'data:/d': 'volume data /d vol',
  'data:/d/': 'volume data /d vol',
  './x:/y:ro': 'bind ./x /y ro,create',
  '~/x:/y': 'bind ~/x /y create',
  '/a:/b:rw': 'bind /a /b create',
  '/source:/target:slave': 'bind /source /target slave,create',
  '/source:/target:ro,z': 'bind /source /target ro,z,create',
  '/source:/target:ro,Z': 'bind /source /target ro,Z,create',
  'name:/target:bogus': 'volume name /target vol',
  'name:/target:nocopy': 'volume name /target nocopy',
  'name:/target:z': 'volume name /target z,vol',
  'D:\\path:d:\\target': 'bind D:\\path d:\\target create',
  'C:\\src:D:\\t:ro,rprivate': 'bind C:\\src D:\\t ro,rprivate,create',
  '\\\\.\\pipe\\x:\\\\.\\pipe\\y': 'bind \\\\.\\pipe\\x \\\\.\\pipe\\y create',
  'a界:/x': 'volume a界 /x vol',
  'v:/data': 'volume - v:/data vol',
  '0:/foo': 'volume 0 /foo vol',
  '/tmp:/tmp/${V:-12:30:45}/p:ro': 'bind /tmp /tmp/${V:-12:30:45}/p ro,create',
  '': 'invalid empty volume spec',
  '/foo:/foo:ro:foo': 'invalid spec: /foo:/foo:ro:foo: too many colons',
  ':foo': 'invalid spec: :foo: empty section between colons',
  '/foo::ro': 'invalid spec: /foo::ro: empty section between colons',
};

for (const [spec, expected] of Object.entries(forms)) {
  test(`volume ${JSON.stringify(spec)} is ${expected}`, () => assert.is(brief(spec), expected));
}

test('binds are absolute, named volumes keep their key', async () => {
  const project = await model('services: {a: {image: i, volumes: ["./x:/y:ro", "data:/d", "/anon"]}}\nvolumes: {data: }');
  assert.equal(project.services.a.volumes, [
    { type: 'bind', source: '@/x', target: '/y', read_only: true, bind: {} },
    { type: 'volume', source: 'data', target: '/d', volume: {} },
    { type: 'volume', target: '/anon', volume: {} },
  ]);
  assert.equal(project.volumes, { data: { name: 'project_data' } });
});

test('the home directory stands for a leading tilde', async () => {
  const { volumes } = await serviceOf('volumes: ["~/x:/y", "~u/x:/z"]', { env: { HOME: '/home/me' } });
  assert.equal(
    volumes.map((mount: { source: string }) => mount.source),
    ['/home/me/x', '/home/me/u/x'],
  );
});

test('the long form of a bind creates no default block, but one that is written gets its default', async () => {
  const { volumes } = await serviceOf(
    'volumes:\n- {type: bind, source: ., target: /a}\n- {type: bind, source: /b, target: /b/, bind: {propagation: rslave}}\n- {type: bind, source: "z:\\\\", target: /c, bind: {create_host_path: false}}',
  );
  assert.equal(volumes, [
    { type: 'bind', source: '@', target: '/a' },
    { type: 'bind', source: '/b', target: '/b', bind: { propagation: 'rslave' } },
    { type: 'bind', source: 'z:\\', target: '/c', bind: { create_host_path: false } },
  ]);
});

test('other kinds keep their options', async () => {
  const { volumes } = await serviceOf(
    'volumes:\n- {type: tmpfs, target: /t, tmpfs: {size: 1kb, mode: 0755}}\n- {type: image, source: img, target: /i, image: {subpath: s}}\n- {type: npipe, source: p, target: /n}\n- {type: volume, target: /v, volume: {nocopy: true, subpath: q, labels: [a=b]}}',
  );
  assert.equal(volumes, [
    { type: 'tmpfs', target: '/t', tmpfs: { size: '1024', mode: 493 } },
    { type: 'image', source: 'img', target: '/i', image: { subpath: 's' } },
    { type: 'npipe', source: 'p', target: '/n' },
    { type: 'volume', target: '/v', volume: { labels: { a: 'b' }, nocopy: true, subpath: 'q' } },
  ]);
});

test('the last mount of a target takes the place of the first', async () => {
  const project = await model('services: {a: {image: i, volumes: [".:/foo", "foo:/bar", "src:/foo"]}}\nvolumes: {foo: , src: }');
  assert.equal(
    project.services.a.volumes.map((mount: { source: string; target: string }) => `${mount.source}:${mount.target}`),
    ['src:/foo', 'foo:/bar'],
  );
});

test('relative binds of an override are relative to the project directory', async () => {
  const project = await model(
    { 'compose.yaml': 'services: {a: {image: i}}', 'sub/over.yaml': 'services: {a: {volumes: ["./v:/v"]}}' },
    { files: ['compose.yaml', 'sub/over.yaml'] },
  );
  assert.is(project.services.a.volumes[0].source, '@/v');
});

test('faults name the place', async () => {
  assert.is(
    await serviceFailure('volumes: [":foo"]'),
    'load.short-form services.a.volumes[0]: invalid spec: :foo: empty section between colons',
  );
  assert.match(await serviceFailure('volumes: [{type: bind, target: /x}]'), /field Source must not be empty/);
  assert.is(
    await serviceFailure('volumes: [{type: volume}]'),
    'load.missing-target services.a.volumes[0] is missing a mount target',
  );
  assert.is(
    await serviceFailure('volumes: [{type: tmpfs, target: /x, tmpfs: {mode: "1777"}}]'),
    'load.value services.a.volumes[0].tmpfs.mode: must be an integer, not "1777"',
  );
  assert.match(
    await serviceFailure('volumes: [{type: tmpfs, target: /x, tmpfs: {size: -1}}]'),
    /must be greater than or equal to 0/,
  );
  assert.match(
    await serviceFailure('volumes: [{type: tmpfs, target: /x, tmpfs: {size: 0.0001}}]'),
    /must be an integer or string, not the number 0.0001/,
  );
});

test('a local volume that is a bind mount gets an absolute device', async () => {
  const project = await model(
    'services: {a: {image: i, volumes: ["data:/d"]}}\nvolumes: {data: {driver: local, driver_opts: {o: bind, type: none, device: ./data}}}',
  );
  assert.is(project.volumes.data.driver_opts.device, '@/data');
});

test('an external volume admits nothing but its name', async () => {
  const text = (more: string) => `services: {a: {image: i, volumes: ["v:/d", "vv:/d"]}}\nvolumes: {vv: {external: true${more}}}`;
  assert.is(
    await failure(text(', driver: x')),
    'load.value volumes.vv: conflicting parameters "external" and "driver" specified',
  );
  assert.is(
    await failure(text(', labels: {a: b}')),
    'load.value volumes.vv: conflicting parameters "external" and "labels" specified',
  );
  assert.equal((await model(text(', name: n, x-y: 1'))).volumes.vv, { name: 'n', external: true, 'x-y': 1 });
});

test.run();
