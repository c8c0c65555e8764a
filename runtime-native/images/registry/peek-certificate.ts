import { connect } from 'node:tls';
import { hostOf } from './insecure-match.ts';
import type { SeenCertificate } from './tls-failure.ts';

const patienceMs = 5000;

/** The certificate that a server shows, unverified: only to explain why it was not accepted. Empty when it shows none. */
export async function peekCertificate(url: URL): Promise<SeenCertificate> {
  const { promise, resolve } = Promise.withResolvers<SeenCertificate>();
  const host = hostOf(url.host);
  const socket = connect({
    host,
    port: Number(url.port === '' ? 443 : url.port),
    rejectUnauthorized: false,
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  });
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('secureConnect', () => resolve(socket.getPeerCertificate()));
  socket.on('error', () => resolve({}));
  socket.on('close', () => resolve({}));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
