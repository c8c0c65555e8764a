// timeout: 180s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenario } from '../scenario.ts';

const image = 'image: "tscompose/busybox:1"';

/** Compose files that the engine cannot run. */
const cases: readonly {
  readonly code: string;

  readonly file: string;
  readonly argv?: readonly string[];
}[] = [
  {
    code: 'engine.bind-source-missing',
    file: `services:\n  a:\n    ${image}\n    volumes: [{ type: bind, source: ./nothing, target: /x, bind: { create_host_path: false } }]\n`,
  },
  {
    code: 'engine.subnet-invalid',
    file: `services: { a: { ${image} } }\nnetworks:\n  default: { ipam: { config: [{ subnet: 10.0.0.300/24 }] } }\n`,
  },
  {
    code: 'engine.address-outside',
    file: `services: { a: { ${image}, networks: { n: { ipv4_address: 10.9.9.9 } } } }\nnetworks: { n: { ipam: { config: [{ subnet: 10.213.77.0/24 }] } } }\n`,
  },
  {
    code: 'engine.unsupported-driver',
    file: `services: { a: { ${image}, volumes: ["data:/v"] } }\nvolumes: { data: { driver: other } }\n`,
  },
  { code: 'engine.user-not-found', file: `services: { a: { ${image}, user: nobody-there } }\n` },
  {
    code: 'build.dockerfile-not-found',
    file: 'services: { a: { build: { context: ., dockerfile: No.such } } }\n',
    argv: ['build'],
  },
  {
    code: 'build.unknown-stage',
    file: 'services: { a: { build: { context: ., target: other, dockerfile_inline: "FROM scratch AS one" } } }\n',
    argv: ['build'],
  },
  {
    code: 'build.step-failed',
    file: 'services: { a: { build: { context: ., dockerfile_inline: "FROM tscompose/busybox:1\\nRUN exit 3\\n" } } }\n',
    argv: ['build'],
  },
];

const told = scenario('what the engine cannot do is refused with its code').images('busybox');
for (const { code, file, argv } of cases) {
  told.edit(code, { 'compose.yaml': file }).act(`${code} is told`, async (world) => {
    const { status, stderr } = await world.run(...(argv ?? ['up', '-d']));
    assert.match(stderr, `[${code}]`, `${code}:\n${stderr}`);
    assert.is(status, 1);
    await world.run('down', '-t', '0', '-v');
  });
}
told.test();

test.run();
