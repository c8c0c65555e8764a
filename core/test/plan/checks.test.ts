import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from './golden.ts';
import { projectOf, worldOf } from './stack.ts';

golden(
  'two services cannot publish one port',
  { file: 'services: {a: {ports: ["8080:80"]}, b: {ports: ["127.0.0.1:8080:80"]}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1] -> #3 container p-b-1 create, absent
    [2] -> #4 container p-a-1 start, absent
    [3] -> #5 container p-b-1 start, absent
    error: plan.port-clash: host port 8080/tcp is published more than once, by "a", "b"
  `,
);

golden(
  'different addresses may share a port',
  { file: 'services: {a: {ports: ["127.0.0.2:8080:80"]}, b: {ports: ["127.0.0.1:8080:80"]}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1] -> #3 container p-b-1 create, absent
  `,
);

golden(
  'tcp and UDP are different ports',
  {
    file: 'services: {a: {ports: ["8080:80"]}, b: {ports: [{target: 80, published: "8080", protocol: UDP}]}}',
    options: { withoutStart: true },
  },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1] -> #3 container p-b-1 create, absent
  `,
);

golden(
  'replicas share a port',
  { file: 'services: {a: {scale: 2, ports: ["8080:80"]}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1,2] -> #3 container p-a-2 create, absent
  `,
);

test('a network with more containers than its bridge or its addresses hold is an error before anything starts', async () => {
  const world = worldOf();
  await using _engine = world.engine;
  const full = async (file: string) =>
    (await world.plan(projectOf(file))).diagnostics.map((one) => `${one.code}: ${one.message}`);
  assert.equal(await full('services: {a: {scale: 1000}, b: {scale: 23}}'), []);
  assert.equal(await full('services: {a: {scale: 1000}, b: {scale: 24}}'), [
    'plan.network-full: network "p_default" cannot hold 1024 containers: a bridge has 1023 ports',
  ]);
  const subnet = (pool: string) => `services: {a: {scale: 6}}\nnetworks: {default: {ipam: {config: [{${pool}}]}}}`;
  assert.equal(await full(subnet('subnet: 203.0.113.0/29')), [
    'plan.network-full: network "p_default" cannot hold 6 containers: its addresses, 203.0.113.0/29, suffice for 5',
  ]);
  assert.equal(await full(subnet('subnet: 203.0.113.0/28')), []);
});

golden(
  'a range must have a port for each replica',
  { file: 'services: {a: {scale: 3, ports: ["8080-8081:80"]}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1,2] -> #3 container p-a-2 create, absent
    [1,3] -> #4 container p-a-3 create, absent
    error: plan.port-replicas: service "a" publishes host ports 8080-8081, too few for its 3 replicas
  `,
);

golden(
  'replicas may share a range',
  { file: 'services: {a: {scale: 2, ports: ["8080-8081:80"]}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [1,2] -> #3 container p-a-2 create, absent
  `,
);

golden(
  'a port that a process holds is an error that names it',
  {
    file: 'services: {a: {ports: ["8080:80"]}}',
    engine: { heldPorts: [{ hostIp: '', port: 8080, protocol: 'tcp', pid: 42, process: 'nginx' }] },
  },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.port-taken: host port 8080/tcp of service "a" is already taken by process "nginx" (pid 42)
  `,
);

golden(
  'a port that another project holds is an error that names it',
  {
    file: 'services: {a: {ports: ["8080:80"]}}',
    engine: { heldPorts: [{ hostIp: '', port: 8080, protocol: 'tcp', holderProject: 'shop', holderService: 'front' }] },
  },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.port-taken: host port 8080/tcp of service "a" is already taken by service "front" of project "shop"
  `,
);

golden(
  'a missing file is an error',
  { file: 'services: {a: {secrets: [{source: key}]}}\nsecrets: {key: {file: /w/key}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.file-missing: file "/w/key" of secret "key", used by service "a", does not exist or is not readable
  `,
);

golden(
  'an unset variable is an error',
  { file: 'services: {a: {configs: [{source: c}]}}\nconfigs: {c: {environment: C}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.variable-missing: environment variable "C" required by config "c" is not set
  `,
);

golden(
  'an external config is an error',
  { file: 'services: {a: {configs: [{source: c}]}}\nconfigs: {c: {external: true, name: c}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.file-unsupported: config "c" uses "external", which is only supported with Swarm
  `,
);

golden(
  'what is not available yet is refused',
  { file: 'services: {a: {use_api_socket: true}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    error: plan.not-available: service "a" uses "use_api_socket", which is not available yet
  `,
);

golden(
  'owners of files are numbers',
  { file: 'services: {a: {configs: [{source: c, uid: nginx}]}}\nconfigs: {c: {content: x}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    error: plan.file-owner: config "c" of service "a": "nginx" is not a number
  `,
);

golden(
  'mounts that exist elsewhere are refused',
  { file: 'services: {a: {volumes: [{type: npipe, source: x, target: /y}]}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    error: plan.not-available: service "a" uses "volumes of type npipe", which is not available yet
  `,
);

golden(
  'pull_policy: build builds what is here too',
  { file: 'services: {a: {image: img, pull_policy: build, build: {context: .}}}', options: { withoutStart: true } },
  `
    [] -> #1 image img build, requested
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
  `,
);

golden(
  'neither image nor build',
  { file: 'services: {a: {image: ~}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    error: plan.no-image: invalid service "a". Must specify either image or build
  `,
);

golden(
  'a volume changes in vain while somebody outside of the plan uses it',
  {
    before: 'services: {web: {volumes: ["data:/d"]}, db: {volumes: ["data:/d"]}}\nvolumes: {data: {}}',
    file: 'services: {web: {volumes: ["data:/d"]}, db: {volumes: ["data:/d"]}}\nvolumes: {data: {labels: {a: b}}}',
    options: { services: ['web'], recreateVolumes: true },
  },
  `
    [] -> #1 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [1] -> #2 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [2] -> #3 volume p_data remove, volume-changed (p_data), destroys data [remake:p_data]
    [3] -> #4 volume p_data create, volume-changed (p_data) [remake:p_data]
    [2,4] -> #5 container p-web-1 create, volume-changed (p_data) [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
    error: plan.volume-in-use: volume "p_data" must be made anew, but "p-db-1" still use it
  `,
);

golden(
  'one name for two services is an error',
  { file: 'services: {a: {container_name: x}, b: {container_name: x}}', options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container x create, absent
    [1] -> #3 container x create, absent
    error: plan.name-taken: container name "x" is wanted more than once, by "a", "b"
  `,
);

golden(
  'a name that an orphan has is an error unless the orphan goes',
  {
    before: 'services: {old: {container_name: front}}',
    file: 'services: {new: {container_name: front}}',
    options: { ignoreOrphans: true },
  },
  `
    [] -> #1 container front create, absent
    [1] -> #2 container front start, absent
    error: plan.name-held: container name "front" is taken by a container of service "old", which stays
  `,
);

golden(
  'an orphan that goes leaves its name',
  {
    before: 'services: {old: {container_name: front}}',
    file: 'services: {new: {container_name: front}}',
    options: { removeOrphans: true },
  },
  `
    [] -> #1 container front stop, orphan
    [1] -> #2 container front remove, orphan
    [2] -> #3 container front create, absent
    [3] -> #4 container front start, absent
  `,
);

const one = 'services: {web: {}}';
const both = 'services: {web: {}, old: {}}';

golden(
  'orphans are told',
  { before: both, file: one },
  `
    warning: plan.orphans: Found orphan containers (p-old-1) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up
  `,
);

golden('or not', { before: both, file: one, options: { ignoreOrphans: true } }, ``);

golden(
  'or removed',
  { before: both, file: one, options: { removeOrphans: true } },
  `
    [] -> #1 container p-old-1 stop, orphan
    [1] -> #2 container p-old-1 remove, orphan
  `,
);

golden('disabled services are no orphans', { before: both, file: `${one}\ndisabled: {old: {}}` }, ``);

test.run();
