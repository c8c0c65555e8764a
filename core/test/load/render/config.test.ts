// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTree } from '#core/load/load-project.ts';
import { imagesToResolve, renderLock, withImages } from '#core/load/render/image-digests.ts';
import {
  environmentLines,
  hashLines,
  imageNames,
  modelReferences,
  profileNames,
  resourceKeys,
  serviceNames,
} from '#core/load/render/lists.ts';
import { renderJson, renderYaml } from '#core/load/render/render-project.ts';
import { renderRaw } from '#core/load/render/render-raw.ts';
import { renderVariableJson, renderVariableTable, renderVariableYaml, variablesOf } from '#core/load/render/variables.ts';
import { type Files, load, type Options, projectFixture } from '../project-fixture.ts';

async function rendered(files: Files, options: Options = {}) {
  await using fixture = await projectFixture(files);
  const { project } = await fixture.load(options);
  const clean = (text: string) => text.replaceAll(fixture.directory, '/srv/project');
  return { yaml: clean(renderYaml(project)), json: clean(renderJson(project)) };
}

const example = `services:
  web:
    image: nginx
    ports: ["80","8080-8081:80-81","127.0.0.1:9000:9000/udp"]
    environment: [A=1, B]
    mem_limit: 1g
    healthcheck: {test: curl x, interval: 90s}
    volumes: ["./x:/y:ro","data:/d","/anon"]
    command: echo "a b" $$HOME
    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}
volumes:
  data:
`;

test('YAML of an ordinary project', async () => {
  const { yaml } = await rendered(example);
  assert.fixture(
    yaml,
    `name: project
services:
  web:
    command:
      - echo
      - a b
      - $$HOME
    environment:
      A: "1"
      B: null
    healthcheck:
      test:
        - CMD-SHELL
        - curl x
      interval: 1m30s
    image: nginx
    mem_limit: "1073741824"
    networks:
      default: null
    ports:
      - mode: ingress
        target: 80
        protocol: tcp
      - mode: ingress
        target: 80
        published: "8080"
        protocol: tcp
      - mode: ingress
        target: 81
        published: "8081"
        protocol: tcp
      - mode: ingress
        host_ip: 127.0.0.1
        target: 9000
        published: "9000"
        protocol: udp
    ulimits:
      nofile:
        soft: 1
        hard: 2
      nproc: 5
    volumes:
      - type: bind
        source: /srv/project/x
        target: /y
        read_only: true
        bind: {}
      - type: volume
        source: data
        target: /d
        volume: {}
      - type: volume
        target: /anon
        volume: {}
networks:
  default:
    name: project_default
volumes:
  data:
    name: project_data
`,
  );
});

test('YAML can be loaded again and renders the same', async () => {
  const first = await rendered(example);
  const again = await rendered(first.yaml.replaceAll('/srv/project/x', './x'));
  assert.fixture(again.yaml, first.yaml);
  assert.fixture(again.json, first.json);
});

test('JSON: root sorted, null commands, extensions at the root only, markup escaped, no final break', async () => {
  const { json } = await rendered(
    'x-r: {b: 1, a: <>&}\nservices: {a: {image: i, x-n: 1, deploy: {}, ulimits: {n: {soft: 0, hard: 3}}, blkio_config: {weight_device: [{path: p, weight: 9}]}}}\nmodels: {m: {model: x}}',
  );
  assert.fixture(
    json,
    `{
  "name": "project",
  "networks": {
    "default": {
      "name": "project_default",
      "ipam": {}
    }
  },
  "services": {
    "a": {
      "blkio_config": {
        "weight_device": [
          {
            "Path": "p",
            "Weight": 9
          }
        ]
      },
      "command": null,
      "deploy": {
        "resources": {},
        "placement": {}
      },
      "entrypoint": null,
      "image": "i",
      "networks": {
        "default": null
      },
      "ulimits": {
        "n": {
          "hard": 3
        }
      }
    }
  },
  "x-r": {
    "a": "\\u003c\\u003e\\u0026",
    "b": 1
  }
}`,
  );
});

test('YAML: extensions everywhere, empty blocks kept where they were written', async () => {
  const { yaml } = await rendered(
    'x-b: 1.0\nx-a: 2000000.0\nservices: {a: {image: i, x-n: 1, deploy: {}, healthcheck: {x-h: 1}, build: {ssh: [default, k=/p]}}}',
  );
  assert.fixture(
    yaml,
    `name: project
services:
  a:
    build:
      context: /srv/project
      dockerfile: Dockerfile
      ssh:
        - default
        - 'k: /p'
    deploy: {}
    healthcheck:
      x-h: 1
    image: i
    networks:
      default: null
    x-n: 1
networks:
  default:
    name: project_default
x-a: 2e+06
x-b: 1
`,
  );
});

test('what secrets hold is in no output', async () => {
  const { yaml, json } = await rendered(
    'services: {a: {image: i, secrets: [s], configs: [c]}}\nsecrets: {s: {environment: V}}\nconfigs: {c: {environment: V}}',
    { env: { V: 'topsecret' } },
  );
  assert.not.match(yaml + json, /topsecret|\*\*\*/);
  assert.match(yaml, /environment: V/);
});

test('keys that look like numbers stay in order', async () => {
  const { json } = await rendered('services: {a: {image: i, labels: {"10": x, "9": y, b: z}}}');
  assert.match(json, /"10": "x",\s+"9": "y",\s+"b": "z"/);
});

test('lists', async () => {
  const text =
    'services:\n  a: {image: i, depends_on: [b], profiles: [p], pre_start: [{command: x, image: j}]}\n  b: {build: ., depends_on: [c], networks: [n], volumes: ["vol:/v"]}\n  c: {image: k, models: [m], profiles: [q, p]}\nnetworks: {n: }\nvolumes: {vol: }\nmodels: {m: {model: ai/x}}';
  const { project } = await load(text, { profiles: ['*'], env: { B: '2', A: '1' } });
  assert.equal(serviceNames(project), ['c', 'b', 'a']);
  assert.equal(resourceKeys(project, 'networks'), ['default', 'n']);
  assert.equal(resourceKeys(project, 'volumes'), ['vol']);
  assert.equal(modelReferences(project), ['ai/x']);
  assert.equal(profileNames(project), ['p', 'q']);
  assert.equal(imageNames(project, { separator: '-' }), ['i', 'j', 'project-b', 'k']);
  assert.equal(imageNames(project, { separator: '_' }), ['i', 'j', 'project_b', 'k']);
  assert.equal(
    hashLines(project, ['c']).map((line) => line.replace(/[0-9a-f]{64}/, 'HASH')),
    ['c HASH'],
  );
  const lines = environmentLines(project);
  assert.equal(
    lines.filter((line) => /^(A|B|COMPOSE_PROJECT_NAME)=/.test(line)),
    ['A=1', 'B=2', 'COMPOSE_PROJECT_NAME=project'],
  );
});

const uninterpolated =
  'services:\n  web: {image: "nginx:${TAG:-${V:?no}}", ports: ["${P}:80", 90], scale: "${S}", command: a b, volumes: ["./a:/b"], depends_on: [db], env_file: a.env}\n  db: {image: x, profiles: [p], labels: {k: 1.50}}\n';

async function rawTree(text: string) {
  await using fixture = await projectFixture(text);
  const options = { cwd: fixture.directory, env: {}, files: [], envFiles: [], profiles: [], services: [] };
  const { tree } = await loadTree({ ...options, skipInterpolation: true });
  return { tree, yaml: renderRaw(tree, 'yaml').replaceAll(fixture.directory, '/srv/project') };
}

test('without interpolation the merged tree is shown', async () => {
  const { yaml } = await rawTree(uninterpolated);
  assert.fixture(
    yaml,
    `name: project
networks:
  default: null
services:
  db:
    image: x
    labels:
      k: 1.5
    networks:
      default: null
    profiles:
      - p
  web:
    command: a b
    depends_on:
      db:
        condition: service_started
        required: true
    env_file:
      - path: /srv/project/a.env
        required: true
    image: nginx:\${TAG:-\${V:?no}}
    networks:
      default: null
    ports:
      - \${P}:80
      - 90
    scale: \${S}
    volumes:
      - bind:
          create_host_path: true
        source: /srv/project/a
        target: /b
        type: bind
`.replace('  default: null\nservices', '  default:\n    name: project_default\nservices'),
  );
});

test('variables', async () => {
  const { tree } = await rawTree(uninterpolated);
  const variables = variablesOf(tree);
  assert.is(
    renderVariableTable(variables),
    `${'NAME'.padEnd(20)}${'REQUIRED'.padEnd(20)}${'DEFAULT VALUE'.padEnd(20)}ALTERNATE VALUE
${'P'.padEnd(20)}${'false'.padEnd(20)}${''.padEnd(20)}
${'S'.padEnd(20)}${'false'.padEnd(20)}${''.padEnd(20)}
${'TAG'.padEnd(20)}${'false'.padEnd(20)}${'${V:?no}'.padEnd(20)}
${'V'.padEnd(20)}${'true'.padEnd(20)}${''.padEnd(20)}
`,
  );
  assert.is(JSON.parse(renderVariableJson(variables)).V.Required, true);
  assert.match(
    renderVariableYaml(variables),
    /^TAG:\n {4}name: TAG\n {4}defaultvalue: \$\{V:\?no\}\n {4}presencevalue: ""\n {4}required: false$/m,
  );
});

test('image digests: every image once, services as image mounts left alone', async () => {
  const { project } = await load(
    'services:\n  a: {image: x, pre_start: [{command: c, image: y}], volumes: [{type: image, source: z, target: /z}, {type: image, source: b, target: /b}]}\n  b: {image: "x"}\n  c: {image: "q@sha256:1"}\n',
  );
  assert.equal(imagesToResolve(project), ['x', 'y', 'z']);
  const locked = withImages(
    project,
    new Map([
      ['x', 'x@1'],
      ['y', 'y@1'],
      ['z', 'z@1'],
    ]),
  );
  assert.is(locked.services['a']?.image, 'x@1');
  assert.fixture(
    renderLock(locked, 'yaml'),
    'services:\n  a:\n    image: x@1\n    volumes:\n      - type: image\n        source: z@1\n        target: /z\n      - type: image\n        source: b\n        target: /b\n  b:\n    image: x@1\n  c:\n    image: q@sha256:1\n',
  );
});

test.run();
