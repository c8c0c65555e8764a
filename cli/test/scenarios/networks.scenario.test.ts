// timeout: 500s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../scenario.ts';

const sleep = 'image: tscompose/busybox:1, command: ["sleep", "600"], init: false, stop_signal: SIGKILL';

scenario('networks of other projects, links, and a namespace that is shared')
  .images('busybox')
  .project({
    'compose.yaml': `
services:
  web: { ${sleep}, networks: { outer: { aliases: [shop] } } }
  db: { ${sleep}, networks: [back] }
  client: { ${sleep}, links: ["db:database"], networks: [back, outer] }
  guest: { ${sleep}, network_mode: "service:web" }
networks:
  back: {}
  outer: { external: true, name: tscn24-shared }
`,
    'shared.yaml': `
name: tscn24
services: { other: { ${sleep}, networks: [shared] } }
networks: { shared: { name: tscn24-shared, attachable: true } }
`,
    'volumes.yaml': `
name: tscn24v
services: { store: { ${sleep}, volumes: ["kept:/kept", "/anonymous", "foreign:/foreign"] } }
volumes: { kept: {}, foreign: { external: true, name: tscn24-foreign } }
`,
  })
  .step('an external network that is not there is an error, before anything starts', ['up', '-d'], expect.exit(1), (world) => {
    assert.match(world.last.stderr, /network "?tscn24-shared"? .*(external|not be found|not found)/s);
  })
  .step('another project makes it', ['-f', 'shared.yaml', 'up', '-d'])
  .step('now the stack comes up', ['up', '-d'], expect.state('web', 'running'), expect.state('guest', 'running'))
  .act('names of the other project and of links are found', async (world) => {
    const find = async (name: string) => {
      const { status, stdout } = await world.run('exec', '-T', 'client', 'nslookup', name, '127.0.0.11');
      assert.is(status, 0, `${name}: ${stdout}`);
    };
    for (const name of ['other', 'shop', 'web', 'db', 'database']) await find(name);
  })
  .step(
    'the network of a project that others use stays, and the error says who uses it',
    ['-f', 'shared.yaml', 'down'],
    (world) => {
      assert.match(`${world.last.stdout}${world.last.stderr}`, /tscn24-shared/);
    },
  )
  .edit('the service that lends its namespace changes', {
    'compose.yaml': `
services:
  web: { ${sleep}, environment: { CHANGED: "1" }, networks: { outer: { aliases: [shop] } } }
  db: { ${sleep}, networks: [back] }
  client: { ${sleep}, links: ["db:database"], networks: [back, outer] }
  guest: { ${sleep}, network_mode: "service:web" }
networks:
  back: {}
  outer: { external: true, name: tscn24-shared }
`,
  })
  .step(
    'who shares it is made anew with it, and sees the new one’s links',
    ['up', '-d'],
    expect.recreated('web', 'guest'),
    expect.notRecreated('db', 'client'),
    async (world) => {
      const address = async (service: string) =>
        (await world.run('exec', '-T', service, 'ip', '-4', 'addr', 'show', 'eth0')).stdout;
      assert.is(await address('guest'), await address('web'));
      assert.match(await address('web'), /inet /);
    },
  )
  .step('an external network stays when the project goes', ['down'])
  .step('and goes with its own', ['-f', 'shared.yaml', 'down'], (world) => {
    assert.match(world.last.stderr, /tscn24-shared *Removed/);
  })
  .step('an external volume is made by hand', ['volume', 'import', 'tscn24-foreign'], expect.exit(1))
  .act('its content is an archive', async (world) => {
    const empty = Buffer.alloc(10_240);
    assert.is((await world.feed(empty, 'volume', 'import', 'tscn24-foreign')).status, 0);
  })
  .step('a project uses volumes of all kinds', ['-f', 'volumes.yaml', 'up', '-d'])
  .step(
    'down -v says which volumes it removes, and leaves the external one',
    ['-f', 'volumes.yaml', 'down', '-v'],
    async (world) => {
      assert.match(world.last.stderr, /Volume tscn24v_kept *Removed/);
      assert.not.match(world.last.stderr, /tscn24-foreign/);
      assert.is((await world.run('volume', 'export', 'tscn24-foreign')).status, 0);
    },
  )
  .test();

test.run();
