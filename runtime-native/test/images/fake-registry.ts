import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Digest } from '#runtime/images/digest.ts';

export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Requests so far, `GET /v2/…` with the range header when there is one. */
  readonly requests: string[];
}

/** Gets each request first; returns true when it has answered itself. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Documents by tag or digest, blobs by digest. */
export interface RegistryContent {
  readonly manifests: Readonly<Record<string, string>>;
  readonly blobs: readonly (string | Buffer)[];
}

/** A registry on loopback that answers GET with ranges, and misbehaves as told. */
export async function openFakeRegistry(content: RegistryContent, interfere: Interference = () => false): Promise<FakeRegistry> {
  const requests: string[] = [];
  const blobs = new Map(content.blobs.map((blob) => [sha256Digest(blob), Buffer.from(blob)]));
  const server = createServer((request, response) => {
    requests.push(`${request.url}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`);
    if (interfere(request, response)) return;
    const [, kind = '', name = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    const body = kind === 'blobs' ? blobs.get(name) : content.manifests[name];
    if (body === undefined) {
      response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' });
    response.end(Buffer.from(body).subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
