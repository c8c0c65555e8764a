import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Issued } from './certificate-authority.ts';

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  /** What was asked for: `GET pull` with the way of proof, such as `password repository:app:pull`. */
  readonly requests: readonly string[];
}

/** The token that `login` gets when it asks for one that lasts. */
export const refreshToken = 'refresh-me';

/**
 * A token server as the distribution's token specification describes it, for docker-registry: `me` with `secret`, or with
 * the refresh token, may do everything that is asked; nobody else may do anything.
 */
export async function openTokenServer(issued: Issued): Promise<TokenServer> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { way, scopes, isOffline } = await readRequest(request);
    requests.push([way, ...scopes].join(' '));
    if (way === 'nobody') {
      response.writeHead(401).end('{"errors":[{"message":"who are you"}]}');
      return;
    }
    const answer = { token: tokenFor(scopes, issued), ...(isOffline ? { refresh_token: refreshToken } : {}) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readRequest(request: IncomingMessage) {
  const url = new URL(request.url ?? '', 'http://x');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const fields = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
  const isPassword = request.headers.authorization === `Basic ${btoa('me:secret')}`;
  const isRefresh = fields.get('grant_type') === 'refresh_token' && fields.get('refresh_token') === refreshToken;
  return {
    way: isPassword ? 'password' : isRefresh ? 'refresh' : 'nobody',
    scopes: fields
      .getAll('scope')
      .flatMap((one) => one.split(' '))
      .filter((one) => one !== ''),
    isOffline: fields.get('offline_token') === 'true',
  };
}

function tokenFor(scopes: readonly string[], issued: Issued): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',') };
  });
  const certificate = new X509Certificate(readFileSync(issued.certificate));
  const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
  const claims = { iss: 'issuer', sub: 'me', aud: 'test', exp: now + 300, nbf: now - 300, iat: now, jti: randomUUID(), access };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  const key = createPrivateKey(readFileSync(issued.key));
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
