import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proveGuestbook } from '#tools/demo/prove-guestbook.ts';

/** A guestbook in memory; `forgets`: it takes entries and loses them. */
async function guestbook(options: { readonly forgets?: boolean; readonly status?: number } = {}) {
  const entries: { text: string }[] = [];
  const answer: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (options.status !== undefined) response.writeHead(options.status).end('out of order');
    else if (request.method === 'POST') {
      if (!options.forgets) entries.push({ text: new URLSearchParams(body).get('text') ?? '' });
      response.writeHead(303, { location: '/' }).end();
    } else response.end(request.url === '/' ? '<h1 id="title">Guestbook</h1>' : JSON.stringify({ entries }));
  };
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('an entry that comes back is the proof', async () => {
  await using book = await guestbook();
  assert.equal(await proveGuestbook(book.address, 'hello'), { entry: 'hello', entryCount: 1 });
});

async function failure(book: { readonly address: string }): Promise<string> {
  return proveGuestbook(book.address, 'hello').then(
    () => 'no failure',
    (error: Error) => error.message,
  );
}

test('an entry that is lost is a failure', async () => {
  await using book = await guestbook({ forgets: true });
  assert.match(await failure(book), /not among those that were read/);
});

test('an answer of the wrong kind is a failure with its text', async () => {
  await using book = await guestbook({ status: 502 });
  assert.match(await failure(book), /answers 502: out of order/);
});

test('nobody at the address is a failure that says so', async () => {
  const book = await guestbook();
  await book[Symbol.asyncDispose]();
  assert.match(await failure(book), /does not answer: .*ECONNREFUSED/);
});

test.run();
