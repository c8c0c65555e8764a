import { RegistryError } from './registry-error.ts';
import type { HttpRequest, HttpResponse, Transport } from './transport.ts';

const longestChain = 10;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows redirects: credentials stay with the host they are for, TLS is not given up on the way, and
 * only 307 and 308 take a body along.
 */
export async function followRedirects(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  let current = request;
  for (let count = 0; count < longestChain; count++) {
    const response = await transport(current);
    const location = response.header('location');
    const keepsBody = response.status === 307 || response.status === 308;
    const isFollowed =
      redirects.has(response.status) && location !== undefined && (keepsBody || /^(?:GET|HEAD)$/.test(current.method));
    if (!isFollowed) return response;
    response.body.resume();
    const url = new URL(location, current.url);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && current.url.protocol === 'http:')) {
      throw new RegistryError(`${current.url.host} redirects to "${url.origin}", away from TLS`);
    }
    current = { ...current, url, headers: headersFor(current, url) };
  }
  throw new RegistryError(`${request.url.host} redirects in a circle`);
}

function headersFor({ url: from, headers = {} }: HttpRequest, to: URL): Readonly<Record<string, string>> {
  if (from.host === to.host) return headers;
  const { authorization: _secret, ...others } = headers;
  return others;
}
