import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What happens to one exchange; nothing: it goes through. */
export interface Disturbance {
  /** Answered by the proxy itself. */
  readonly answer?: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
  /** The connection ends after so many bytes of the answer's body. */
  readonly cutAnswerAfter?: number;
  /** The connection ends after so many bytes of the request's body. */
  readonly cutUploadAfter?: number;
  /** This byte of the answer's body is changed. */
  readonly corruptAt?: number;
  /** Most bytes of the answer in a tenth of a second. */
  readonly slowness?: number;
}

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Counts from 1, of the same method and URL without query. */
  readonly count: number;
}

export interface DisturbingProxy extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly exchanges: readonly Exchange[];
  /** Bytes of answers that went through. */
  readonly answeredBytes: () => number;
}

/** A proxy in front of a registry on loopback that cuts, delays, refuses and corrupts as it is told. */
export async function openDisturbingProxy(port: number, disturb: (exchange: Exchange) => Disturbance): Promise<DisturbingProxy> {
  const exchanges: Exchange[] = [];
  const counts = new Map<string, number>();
  let answered = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const key = `${method} ${url.split('?')[0]}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const exchange = { method, url, headers, count };
    exchanges.push(exchange);
    const disturbance = disturb(exchange);
    const { answer, cutUploadAfter, cutAnswerAfter } = disturbance;
    if (answer !== undefined) {
      response.writeHead(answer.status, answer.headers).end('{}');
      return;
    }
    const upstream = httpRequest({ host: '127.0.0.1', port, method, path: url, headers });
    const answering = new Promise<IncomingMessage>((resolve, reject) => upstream.on('response', resolve).on('error', reject));
    const cut = (): void => {
      upstream.destroy();
      response.destroy();
      request.destroy();
    };
    const sending = pipeline(request, limited(cutUploadAfter, cut), upstream);
    const [incoming] = await Promise.all([answering, sending]);
    response.writeHead(incoming.statusCode ?? 500, incoming.headers);
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        answered += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline(
      incoming,
      corrupted(disturbance.corruptAt),
      slowed(disturbance.slowness),
      counting,
      limited(cutAnswerAfter, cut),
      response,
    );
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    answeredBytes: () => answered,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function limited(after: number | undefined, cut: () => void): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const room = after === undefined ? chunk.length : Math.max(0, after - seen);
      seen += chunk.length;
      this.push(chunk.subarray(0, room));
      // What was let through must reach the other side before the connection ends.
      if (room < chunk.length) setTimeout(cut, 100);
      else done();
    },
  });
}

function corrupted(at: number | undefined): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const position = at === undefined ? -1 : at - seen;
      seen += chunk.length;
      const changed = Buffer.from(chunk);
      if (position >= 0 && position < chunk.length) changed[position] = (changed[position] ?? 0) ^ 0xff;
      done(null, changed);
    },
  });
}

function slowed(bytes: number | undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (bytes === undefined) done(null, chunk);
      else setTimeout(() => done(null, chunk), (chunk.length / bytes) * 100);
    },
  });
}
