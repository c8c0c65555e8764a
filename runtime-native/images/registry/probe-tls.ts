import { connect } from 'node:tls';
import { hostOf } from './insecure-match.ts';
import type { SeenCertificate } from './tls-failure.ts';

const patienceMs = 5000;

/**
 * The certificate that a server shows, unverified: tells whether it speaks TLS at all, and explains why a certificate was
 * not accepted. Undefined: no TLS there, or nobody.
 */
export async function probeTls(url: URL): Promise<SeenCertificate | undefined> {
  const { promise, resolve } = Promise.withResolvers<SeenCertificate | undefined>();
  const host = hostOf(url.host);
  const socket = connect({
    host,
    port: Number(url.port === '' ? 443 : url.port),
    rejectUnauthorized: false,
    // Nothing is verified: loading the machine's authorities would cost more than the connection.
    ca: [],
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
  });
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.on('secureConnect', () => resolve(socket.getPeerCertificate()));
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(undefined));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
