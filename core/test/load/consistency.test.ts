import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure, failures, model } from './project-fixture.ts';

const refused: readonly [what: string, text: string, message: string | RegExp][] = [
  [
    'nothing to run',
    'services: {a: {hostname: x}}',
    'model.service service "a" has neither an image nor a build context specified',
  ],
  [
    'two build files',
    'services: {a: {build: {dockerfile: x, dockerfile_inline: y}}}',
    /mutually exclusive dockerfile and dockerfile_inline/,
  ],
  [
    'an unknown build context',
    'services: {a: {build: {additional_contexts: {k: "service:z"}}}}',
    /declares unknown service "z" as additional context "k"/,
  ],
  [
    'a context that is not built',
    'services: {a: {build: {additional_contexts: {k: "service:z"}}}, z: {image: i}}',
    /declares non-buildable service "z"/,
  ],
  [
    'platform not built',
    'services: {a: {platform: x/y, build: {platforms: [a/b]}}}',
    /must include the service's platform "x\/y"/,
  ],
  [
    'two network settings',
    'services: {a: {image: i, network_mode: host, networks: [default]}}',
    /mutually exclusive `network_mode` and `networks`/,
  ],
  [
    'an undeclared network',
    'services: {a: {image: i, networks: [n]}}',
    'model.undefined service "a" refers to undefined network "n"',
  ],
  [
    'an undeclared volume',
    'services: {a: {image: i, volumes: ["data:/d"]}}',
    'model.undefined service "a" refers to undefined volume "data"',
  ],
  [
    'an undeclared secret',
    'services: {a: {image: i, secrets: [s]}}',
    'model.undefined service "a" refers to undefined secret "s"',
  ],
  [
    'an undeclared build secret',
    'services: {a: {build: {secrets: [s]}}}',
    'model.undefined service "a" refers to undefined secret "s"',
  ],
  [
    'an undeclared config',
    'services: {a: {image: i, configs: [c]}}',
    'model.undefined service "a" refers to undefined config "c"',
  ],
  ['an undeclared model', 'services: {a: {image: i, models: [m]}}', 'model.undefined service "a" refers to undefined model "m"'],
  [
    'a health test without a form',
    'services: {a: {image: i, healthcheck: {test: [curl]}}}',
    /must start either by "CMD", "CMD-SHELL" or "NONE"/,
  ],
  [
    'an unknown dependency',
    'services: {a: {image: i, depends_on: [z]}}',
    'model.undefined-service service "a" depends on undefined service "z"',
  ],
  [
    'an unknown namespace',
    'services: {a: {image: i, network_mode: "service:z"}}',
    'model.undefined-service service "a" depends on undefined service "z"',
  ],
  [
    'a link with three parts',
    'services: {a: {image: i, links: ["b:c:d"]}, b: {image: i}}',
    'model.undefined-service service "a" depends on undefined service "b:c:d"',
  ],
  [
    'two replica counts',
    'services: {a: {image: i, scale: 2, deploy: {replicas: 3}}}',
    /can't set distinct values on 'scale' and 'deploy.replicas'/,
  ],
  ['negative replicas', 'services: {a: {image: i, scale: -1}}', /scale must be greater than or equal to 0/],
  [
    'processors in two places',
    'services: {a: {image: i, cpus: 1, deploy: {resources: {limits: {memory: 1g}}}}}',
    /distinct values on 'cpus' and 'deploy.resources.limits.cpus'/,
  ],
  [
    'memory in two places',
    'services: {a: {image: i, mem_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}}}',
    /'mem_limit' and 'deploy.resources.limits.memory'/,
  ],
  [
    'reservations in two places',
    'services: {a: {image: i, mem_reservation: 1g, deploy: {resources: {reservations: {cpus: 1}}}}}',
    /'mem_reservation'/,
  ],
  ['a fixed name for several', 'services: {a: {image: i, container_name: nn, scale: 2}}', /can't set container_name and scale/],
  [
    'a fixed name for two',
    'services: {a: {image: i, container_name: nn}, b: {image: i, container_name: nn}}',
    'model.container-name services "a" and "b" have the same container_name "nn"',
  ],
  [
    'sync without target',
    'services: {a: {image: i, develop: {watch: [{path: x, action: sync}]}}}',
    /target is required for action sync/,
  ],
  [
    'two mounts on one place',
    'services: {a: {image: i, tmpfs: "/c:size=64m", volumes: ["/x:/c"]}}',
    /volumes\[0\]: target \/c already mounted as tmpfs\[0\]/,
  ],
  [
    'a secret without a source',
    'services: {a: {image: i}}\nsecrets: {s: {driver: x}}',
    /secrets.s: must declare either `file` or `environment`/,
  ],
  [
    'a cycle',
    'services: {a: {image: i, depends_on: [b]}, b: {image: i, depends_on: [a]}}',
    'model.cycle dependency cycle detected: a -> b -> a',
  ],
  ['a dependency on itself', 'services: {a: {image: i, depends_on: [a]}}', 'model.cycle dependency cycle detected: a -> a'],
];

for (const [what, text, message] of refused) {
  test(`${what} is refused`, async () => {
    const found = await failure(text);
    if (typeof message === 'string') assert.is(found, message);
    else assert.match(found, message);
  });
}

test('all faults come together, with places and near names', async () => {
  const found = await failures(
    'services:\n  a:\n    image: i\n    networks: [frontt]\n    depends_on: [dbb]\n    volumes: ["dataa:/d"]\n  db:\n    image: i\nnetworks:\n  front:\nvolumes:\n  data:\n',
  );
  assert.equal(
    found.map((one) => [one.message, one.hint]),
    [
      ['service "a" refers to undefined network "frontt"', 'did you mean "front"?'],
      ['service "a" depends on undefined service "dbb"', 'did you mean "db"?'],
      ['service "a" refers to undefined volume "dataa"', 'did you mean "data"?'],
    ],
  );
  assert.is(found[0]?.at?.file.text.slice(found[0].at.start, found[0].at.end), 'frontt');
});

test('more than twenty are counted', async () => {
  const services = Array.from({ length: 30 }, (_, index) => `  s${index}: {image: i, depends_on: [none${index}]}`).join('\n');
  const found = await failures(`services:\n${services}\n`);
  assert.is(found.length, 21);
  assert.is(found[20]?.message, '10 more errors of this kind are not shown');
});

test('what is fine', async () => {
  await model('services: {a: {image: i, tmpfs: "/x/", volumes: ["/x", "/anon"]}}');
  await model('services: {a: {image: i, scale: 2, deploy: {replicas: 2}, restart: whatever, isolation: odd}}');
  await model('services: {a: {image: i, healthcheck: {test: []}}}');
  await model('services: {a: {image: i, networks: [n]}}\nnetworks: {n: {external: true, driver: x}}');
  await model('services: {a: {build: {secrets: [s]}}}\nsecrets: {s: {external: true, file: x}}');
});

test('checks can be skipped', async () => {
  const { services } = await model(
    'services: {a: {hostname: x, depends_on: [z], container_name: nn}, b: {image: i, container_name: nn}}',
    { skipConsistency: true },
  );
  assert.equal(Object.keys(services), ['a', 'b']);
});

test('a long chain of dependencies is no problem', async () => {
  const count = 900;
  const services = Array.from(
    { length: count },
    (_, index) => `  s${index}: {image: i${index > 0 ? `, depends_on: [s${index - 1}]` : ''}}`,
  );
  assert.is(
    Object.keys((await model(`services:\n${services.join('\n')}\n`, { services: [`s${count - 1}`] })).services).length,
    count,
  );
});

test.run();
