import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Digest } from '#runtime/images/digest.ts';

export interface UploadServer extends AsyncDisposable {
  readonly host: string;
  /** `Content-Range` of the PATCH requests. */
  readonly pieces: readonly string[];
  /** Blobs that arrived whole. */
  readonly blobs: readonly string[];
}

/**
 * Takes uploads as the distribution-spec says, remembers what has arrived of a cut one (Debian's docker-registry loses its
 * session then), and cuts the first PATCH after `cutAfter` bytes.
 */
export async function openUploadServer(cutAfter: number): Promise<UploadServer> {
  const pieces: string[] = [];
  const blobs: string[] = [];
  const sessions: Buffer[] = [];
  const take = async (request: IncomingMessage, session: { readonly id: number; readonly limit: number }): Promise<void> => {
    let room = session.limit;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      sessions[session.id] = Buffer.concat([sessions[session.id] ?? Buffer.alloc(0), chunk.subarray(0, room)]);
      room -= Math.min(room, chunk.length);
      if (room === 0) return void request.destroy();
    }
  };
  const server = createServer(async (request, response) => {
    const { method, url = '' } = request;
    const id = method === 'POST' ? sessions.push(Buffer.alloc(0)) - 1 : Number(/uploads\/(\d+)/.exec(url)?.[1]);
    const state = () => ({ location: `/v2/app/blobs/uploads/${id}`, range: `0-${Math.max(0, (sessions[id]?.length ?? 0) - 1)}` });
    if (method === 'HEAD') response.writeHead(404).end();
    else if (method === 'POST') response.writeHead(202, state()).end();
    else if (method === 'GET') response.writeHead(204, state()).end();
    else if (method === 'PATCH') {
      pieces.push(String(request.headers['content-range']));
      await take(request, { id, limit: pieces.length === 1 ? cutAfter : Number.POSITIVE_INFINITY });
      response.writeHead(202, state()).end();
    } else if (url.includes('/manifests/')) response.writeHead(201).end();
    else {
      await take(request, { id, limit: Number.POSITIVE_INFINITY });
      const digest = new URL(url, 'http://x').searchParams.get('digest') ?? '';
      const isWhole = sha256Digest(sessions[id] ?? '') === digest;
      if (isWhole) blobs.push(digest);
      response.writeHead(isWhole ? 201 : 400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    pieces,
    blobs,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
