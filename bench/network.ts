import { type EngineFixture, engineFixture, networkSpec } from '#runtime/test/engine-fixture.ts';
import { measureDocker } from './network/docker-ways.ts';
import { type Measured, measureWays, publishedPort, serverPort, taken } from './network/ways.ts';

/**
 * `bin/node bench/network.ts [--docker]`: throughput and round trip between two containers, through a published port and
 * through the loopback proxy; look-ups; time to set up 20 endpoints and 1,000 ports; with --docker the same of Docker
 * afterwards. The peers are the host's Node in the containers' network namespaces, the same on every way, so the ways
 * compare; absolute figures are Node's as much as the network's.
 */
async function bench(withDocker: boolean): Promise<void> {
  print('tscompose', await measureOurs());
  if (!withDocker) return;
  const docker = await measureDocker();
  if (docker === undefined) process.stderr.write('Docker is not installed: no comparison\n');
  else print('docker', docker);
}

async function measureOurs(): Promise<readonly Measured[]> {
  await using fixture = await engineFixture();
  const { engine } = fixture;
  await engine.createNetwork(networkSpec('bench'));
  const server = await start(fixture, 'server', [
    { mode: 'ingress', protocol: 'tcp', target: serverPort, published: `${publishedPort}` },
  ]);
  const client = await start(fixture, 'client', []);
  const rows = await measureWays({ server, client, host: { pid: process.pid } });
  const twenty = await Promise.all(Array.from({ length: 20 }, (_, index) => create(fixture, `many-${index}`, [])));
  const many = () => Promise.all(twenty.map((id) => engine.startContainer(id)));
  const halves = await Promise.all(
    [0, 500].map((offset) => create(fixture, `ports-${offset}`, fiveHundredPorts(24_100 + offset))),
  );
  const ports = () => Promise.all(halves.map((id) => engine.startContainer(id)));
  return [
    ...rows,
    { what: 'start of 20 containers with an endpoint each', figures: [await taken(many)] },
    { what: 'start of 2 containers with 1,000 ports', figures: [await taken(ports)] },
  ];
}

function fiveHundredPorts(first: number): readonly object[] {
  return Array.from({ length: 500 }, (_, index) => ({
    mode: 'ingress',
    protocol: 'tcp',
    target: 80,
    published: `${first + index}`,
  }));
}

async function create(fixture: EngineFixture, name: string, ports: readonly object[]): Promise<string> {
  const service = { command: ['sleep', '600'], init: false, stop_signal: 'SIGKILL', ports: ports as [] }; // shape of a service's ports
  return fixture.create(name, service, { endpoints: [{ network: 'bench', aliases: [name] }] });
}

async function start(fixture: EngineFixture, name: string, ports: readonly object[]) {
  const id = await create(fixture, name, ports);
  await fixture.engine.startContainer(id);
  const found = (await fixture.engine.listContainers()).find((one) => one.id === id);
  return { pid: found?.pid ?? 0, ipv4: found?.endpoints[0]?.ipv4 ?? '' };
}

function print(side: string, rows: readonly Measured[]): void {
  process.stdout.write(`${side}\n`);
  for (const { what, figures } of rows) {
    process.stdout.write(`  ${what.padEnd(46)}${figures.map((one) => one.padStart(14)).join('')}\n`);
  }
}

await bench(process.argv.includes('--docker'));
