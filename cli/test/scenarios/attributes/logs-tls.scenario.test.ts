// timeout: 300s
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeAuthority } from '#runtime/test/registry/certificate-authority.ts';
import { eventually, expect, scenario, type World } from '../../scenario.ts';

const port = 21_020;
const patienceMs = 60_000;

/** A syslog server over TLS that demands a certificate of its clients; `end` cuts every connection. */
interface TlsServer {
  readonly text: () => string;
  readonly end: () => Promise<void>;
}

const servers: TlsServer[] = [];
let keys = { ca: '', key: '', cert: '' };

async function serve(): Promise<TlsServer> {
  const options = { ca: readFileSync(keys.ca), key: readFileSync(keys.key), cert: readFileSync(keys.cert), requestCert: true };
  const sockets = new Set<TLSSocket>();
  const pieces: Buffer[] = [];
  const server: Server = createServer({ ...options, rejectUnauthorized: true }, (socket) => {
    sockets.add(socket.unref());
    socket.on('data', (bytes: Buffer) => void pieces.push(bytes));
    socket.on('error', () => {}); // clients are cut off
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref(); // a scenario that fails before it ends the server must end all the same
  return {
    text: () => Buffer.concat(pieces).toString(),
    end: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The numbers in messages of RFC 5425: a length, a blank, so many bytes; throws when they are not that. */
function numbers(text: string): readonly number[] {
  const found: number[] = [];
  for (let rest = text; rest !== ''; ) {
    const [head = '', length = '0'] = /^(\d+) /.exec(rest) ?? [];
    assert.ok(head !== '', `no length at "${rest.slice(0, 80)}"`);
    const message = rest.slice(head.length, head.length + Number(length));
    if (message.length < Number(length)) break;
    found.push(Number(/^<30>1 \S+ \S+ good \d+ good - n(\d+)\n$/.exec(message)?.[1]));
    rest = rest.slice(head.length + Number(length));
  }
  return found;
}

const arrives = (which: number, least: number) =>
  eventually(() => assert.ok(numbers(servers[which]?.text() ?? '').length >= least), patienceMs);

const warns = (service: string, pattern: RegExp) =>
  eventually(async (world: World) => {
    const { stdout, stderr } = await world.run('logs', service);
    assert.match(stderr, pattern);
    assert.match(stdout, /still here/);
  }, patienceMs);

scenario('syslog over TLS: verified, sent again when the server comes back, never in the container’s way')
  .images('busybox')
  .project({ 'compose.yaml': 'services: {}\n' })
  .act('certificates and a server', async (world) => {
    const authority = makeAuthority(join(world.directory, 'ca'));
    const other = makeAuthority(join(world.directory, 'other'));
    const own = authority.issue({ name: 'logs', subjectAltName: 'DNS:localhost' });
    const client = authority.issue({ name: 'client' });
    keys = { ca: authority.certificate, key: own.key, cert: own.certificate };
    const service = (name: string, options: string): string => `  ${name}:
    image: tscompose/busybox:1
    command: [sh, -c, 'while :; do echo still here; sleep 0.5; done']
    stop_signal: SIGKILL
    logging: { driver: syslog, options: { syslog-tls-cert: ${client.certificate}, syslog-tls-key: ${client.key}, ${options} } }
`;
    const good = `syslog-address: "tcp+tls://localhost:${port}", syslog-format: rfc5424, tag: good, syslog-tls-ca-cert: ${authority.certificate}`;
    await writeFile(
      join(world.directory, 'compose.yaml'),
      `services:\n${[
        service('good', good).replace(/while.*done/, 'i=0; while :; do i=$$$$((i + 1)); echo n$$$$i; sleep 0.1; done'),
        service('stranger', `syslog-address: "tcp+tls://localhost:${port}", syslog-tls-ca-cert: ${other.certificate}`),
        service('misnamed', `syslog-address: "tcp+tls://127.0.0.1:${port}", syslog-tls-ca-cert: ${authority.certificate}`),
        service('trusting', `syslog-address: "tcp+tls://127.0.0.1:${port}", tag: trusting, syslog-tls-skip-verify: "true"`),
        service('brief', `${good.replace('tag: good', 'tag: brief')}`).replace(/\[sh.*\]/, '[echo, that was all]'),
      ].join('')}`,
    );
    servers.push(await serve());
  })
  .step('every container starts', ['up', '-d', '--scale', 'trusting=0', '--scale', 'brief=0'])
  .act('lines arrive over TLS', arrives(0, 5))
  .act('a certificate of another authority is refused, and logs says so', warns('stranger', /certificate is refused: /))
  .act('so is one for another name', warns('misnamed', /certificate is refused: .*mismatch/))
  .act('the server goes, and comes back', async () => {
    await servers[0]?.end();
    servers.push(await serve());
  })
  .act('lines go on', arrives(1, 5))
  .act('without a gap', () => {
    const first = numbers(servers[0]?.text() ?? '');
    const then = numbers(servers[1]?.text() ?? '');
    const all = new Set([...first, ...then]);
    const missing = Array.from({ length: Math.max(...all) }, (_, index) => index + 1).filter((one) => !all.has(one));
    assert.equal(missing, [], 'missing');
  })
  .act(
    'and logs has nothing to tell any more',
    eventually(async (world) => {
      const { stderr } = await world.run('logs', '--tail', '1', 'good');
      assert.not.ok(stderr.includes('arrive'), stderr);
    }, patienceMs),
  )
  .step('whoever wants to trust everybody may', ['up', '-d', '--scale', 'good=0'])
  .act(
    'and gets there',
    eventually(() => assert.match(servers[1]?.text() ?? '', /trusting\[\d+\]: still here/), patienceMs),
  )
  .act(
    'a container that ends before it is connected is heard too',
    eventually(() => assert.match(servers[1]?.text() ?? '', / brief - that was all\n/), patienceMs),
  )
  .step('down takes the relays along', ['down'])
  .act('the server ends', () => servers[1]?.end())
  .test();

scenario('options of TLS that cannot be meant are refused at their place')
  .project({
    'compose.yaml': `services:
  web:
    image: tscompose/busybox:1
    logging:
      driver: syslog
      options:
        syslog-address: tcp+tls://localhost
        syslog-tls-ca-cert: /no/such/file
        syslog-tls-cert: client.pem
        syslog-tls-key: client.key
  plain:
    image: tscompose/busybox:1
    logging:
      driver: syslog
      options:
        syslog-address: tcp://localhost
        syslog-tls-skip-verify: "true"
`,
  })
  .step(
    'up',
    ['up', '-d'],
    expect.exit(1),
    expect.stderr(/compose\.yaml:8:\d+.*there is no file "\/no\/such\/file"/),
    expect.stderr(/compose\.yaml:9:\d+.*must be an absolute path/),
    expect.stderr(/compose\.yaml:17:\d+.*no effect/),
  )
  .test();

test.run();
