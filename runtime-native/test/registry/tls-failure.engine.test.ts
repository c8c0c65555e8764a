// timeout: 90s
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { logIn } from '#runtime/images/registry/login.ts';
import { type Issued, type IssueRequest, makeAuthority } from './certificate-authority.ts';

const directory = mkdtempSync('/tmp/tsc-tls-');
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const authority = makeAuthority(join(directory, 'ca'));

/** Listens where no certificate is asked for, on `localhost`. */
async function listening(server: Server): Promise<AsyncDisposable & { readonly registry: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    registry: `localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function secureServer({ certificate, key }: Issued): Server {
  return createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_request, response) => {
    response.writeHead(200, { connection: 'close' }).end('{}');
  });
}

interface Setting {
  readonly issued?: Issued;
  readonly trusts?: boolean;
  readonly settings?: object;
}

let serial = 0;

/** Logs in to a server with this certificate; resolves with the error's message and hint, or `logged in`. */
async function attempt({ issued, trusts = true, settings = {} }: Setting): Promise<{ message: string; hint: string }> {
  const home = join(directory, `home-${++serial}`);
  const server =
    issued === undefined
      ? createPlainServer((_request, response) => response.writeHead(200, { connection: 'close' }).end())
      : secureServer(issued);
  await using here = await listening(server);
  const trusted = join(home, 'certs.d', here.registry);
  mkdirSync(trusted, { recursive: true });
  if (trusts) writeFileSync(join(trusted, 'ca.crt'), authority.pem);
  const file = join(home, 'config.json');
  writeFileSync(file, JSON.stringify(settings));
  const env = { HOME: home, TSCOMPOSE_CONFIG: file };
  try {
    await logIn({ registry: here.registry, user: 'me', password: 'secret', env });
    return { message: 'logged in', hint: '' };
  } catch (error) {
    assert.ok(error instanceof TscomposeError, String(error));
    const { message = '', hint = '' } = error.diagnostics[0] ?? {};
    return {
      message: message.replaceAll(here.registry, 'HOST'),
      hint: hint.replaceAll(here.registry, 'HOST').replaceAll(home, '/etc'),
    };
  }
}

const issue = (request: Omit<IssueRequest, 'name'>): Issued => authority.issue({ name: `localhost`, ...request });
const good = issue({ subjectAltName: 'DNS:localhost' });

test('accepts a good certificate of a trusted authority', async () => {
  assert.equal(await attempt({ issued: good }), { message: 'logged in', hint: '' });
});

test('says where the certificate of an unknown authority belongs, on loopback too', async () => {
  const { message, hint } = await attempt({ issued: good, trusts: false });
  assert.match(message, 'is signed by an authority that this machine does not know: "Test Authority"');
  assert.is(hint, "put the authority's certificate (PEM) into /etc/certs.d/HOST/ca.crt");
});

test('says that a certificate has expired, or is not valid yet', async () => {
  const expired = await attempt({
    issued: issue({ subjectAltName: 'DNS:localhost', from: '20200101000000Z', until: '20210203000000Z' }),
  });
  assert.match(expired.message, 'has expired on 2021-02-03');
  const early = await attempt({
    issued: issue({ subjectAltName: 'DNS:localhost', from: '20980101000000Z', until: '20990101000000Z' }),
  });
  assert.match(early.message, 'is not valid yet, before 2098-01-01');
  assert.match(early.hint, 'clock');
});

test('says for which names a certificate is', async () => {
  const { message, hint } = await attempt({ issued: issue({ subjectAltName: 'DNS:registry.lan,IP:10.0.0.1' }) });
  assert.match(message, 'is for other names: DNS:registry.lan, IP Address:10.0.0.1');
  assert.match(hint, 'DNS:localhost');
});

test('refuses a certificate without subjectAltName and says how to make one', async () => {
  const { message, hint } = await attempt({ issued: issue({}) });
  assert.match(message, 'has no subjectAltName; its common name "localhost" does not count');
  assert.match(hint, '-addext "subjectAltName=DNS:localhost"');
});

test('does not go on without TLS where certificates say that there is some', async () => {
  const { message, hint } = await attempt({});
  assert.match(message, 'HOST answers without TLS');
  assert.match(hint, '"registries.insecure"');
});

test('a registry that is listed as insecure may have any certificate or none', async () => {
  const settings = { registries: { insecure: ['127.0.0.0/8'] } };
  assert.is((await attempt({ issued: issue({}), trusts: false, settings })).message, 'logged in');
  assert.is((await attempt({ trusts: false, settings })).message, 'logged in');
});

test('a file that is no certificate is named', async () => {
  const home = join(directory, 'damaged');
  mkdirSync(join(home, 'certs.d', 'localhost:1'), { recursive: true });
  writeFileSync(join(home, 'certs.d', 'localhost:1', 'ca.crt'), 'der');
  const login = {
    registry: 'localhost:1',
    user: 'me',
    password: 'x',
    env: { HOME: home, TSCOMPOSE_CONFIG: join(home, 'config.json') },
  };
  const error = await logIn(login).catch((one: unknown) => one);
  assert.match(String(error), 'ca.crt" is no PEM file');
});

test.run();
