import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHostsToml } from '#runtime/images/registry/hosts-toml.ts';

test('reads server and hosts in order', () => {
  const { top, hosts } = parseHostsToml(`
# Docker Hub
server = "https://registry-1.docker.io" # the registry itself
skip_verify = false

[host."https://mirror.lan:5000"]
  capabilities = ["pull", "resolve"]
  ca = [
    "/etc/ssl/one.crt", # first
    '/etc/ssl/two.crt',
  ]
  client = [["/etc/ssl/client.cert", "/etc/ssl/client.key"]]
  dial_timeout = "3s"

[host."https://mirror.lan:5000".header]
  x-custom = ["a", "b"]

[host.'http://plain.lan']
  skip_verify = true
`);
  assert.equal(top, { server: 'https://registry-1.docker.io', authorities: [], isUnverified: false });
  assert.equal(hosts, [
    {
      url: 'https://mirror.lan:5000',
      capabilities: ['pull', 'resolve'],
      authorities: ['/etc/ssl/one.crt', '/etc/ssl/two.crt'],
      client: ['/etc/ssl/client.cert', '/etc/ssl/client.key'],
      isUnverified: false,
    },
    { url: 'http://plain.lan', authorities: [], isUnverified: true },
  ]);
});

for (const [text, words] of [
  ['ca = ["a"', 'not closed'],
  ['nonsense', 'line 1'],
  ['\nca = {}x', 'line 2'],
] as const) {
  test(`names the place of a mistake: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseHostsToml(text), new RegExp(words));
  });
}

test.run();
