import type { PeerCertificate } from 'node:tls';
import { hostOf } from './insecure-match.ts';
import { RegistryError } from './registry-error.ts';

/** Where messages tell people to put certificates. */
export interface TlsPlaces {
  /** `host[:port]` as in a reference. */
  readonly registry: string;
  /** Our `certs.d`. */
  readonly directory: string;
}

/** The peer's certificate, kept by the verification so that a failure can be explained. */
export type SeenCertificate = Partial<Pick<PeerCertificate, 'subject' | 'issuer' | 'valid_to' | 'valid_from' | 'subjectaltname'>>;

const unknownAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);
const wantsClient = /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA|CERTIFICATE_UNKNOWN)/;

/** Explains an error of a TLS connection with what to do about it; undefined: it is about something else. */
export function explainTlsFailure(
  error: NodeJS.ErrnoException,
  places: TlsPlaces,
  seen: SeenCertificate = {},
): RegistryError | undefined {
  const code = error.code ?? '';
  const { registry, directory } = places;
  const place = `${directory}/${registry}`;
  const say = (message: string, advice: string) => new RegistryError(message, { cause: error, advice });
  if (unknownAuthority.has(code)) {
    const issuer = nameOf(seen.issuer);
    return say(
      `the certificate of ${registry} is signed by an authority that this machine does not know${issuer === '' ? '' : `: ${issuer}`}`,
      `put the authority's certificate (PEM) into ${place}/ca.crt`,
    );
  }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return say(
        `the certificate of ${registry}, or one that signed it, has expired${dated(' on ', seen.valid_to)}`,
        'renew it on the registry, or check the clock here',
      );
    case 'CERT_NOT_YET_VALID':
      return say(
        `the certificate of ${registry} is not valid yet${dated(', before ', seen.valid_from)}`,
        'check the clocks of this machine and of the registry',
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return wrongName(error, registry);
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      if (!/wrong version number|packet length too long|http request/i.test(`${code} ${error.message}`)) break;
      return new RegistryError(`${registry} answers without TLS`, {
        cause: error,
        isPlain: true,
        advice: `give it a certificate, or list "${registry}" in "registries.insecure" of the configuration file`,
      });
    default:
  }
  if (wantsClient.test(code) || wantsClient.test(error.message.toUpperCase().replaceAll(' ', '_'))) {
    return say(
      `${registry} refuses the TLS connection: it may want a client certificate`,
      `put certificate and key into ${place}/client.cert and ${place}/client.key`,
    );
  }
  const isOther = /^(?:CERT_|ERR_SSL_|EE_|CA_|INVALID_|HOSTNAME_|PATH_LENGTH)/.test(code) || code === 'EPROTO';
  return isOther ? say(`no TLS connection to ${registry}: ${error.message}`, `its certificates belong into ${place}`) : undefined;
}

/** Node falls back on the common name; Docker and every browser do not (RFC 9525), and neither do we. */
export function lacksSubjectAltName(certificate: SeenCertificate): boolean {
  return (certificate.subjectaltname ?? '') === '';
}

function wrongName(error: NodeJS.ErrnoException & { readonly cert?: SeenCertificate }, registry: string): RegistryError {
  const host = hostOf(registry);
  const entry = /^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`;
  if (error.cert !== undefined && lacksSubjectAltName(error.cert)) {
    return new RegistryError(
      `the certificate of ${registry} has no subjectAltName; its common name ${nameOf(error.cert.subject)} does not count`,
      {
        cause: error,
        advice: `make one that has it: openssl req -x509 -newkey rsa:3072 -nodes -days 365 -keyout key.pem -out cert.pem -subj "/CN=${host}" -addext "subjectAltName=${entry}"`,
      },
    );
  }
  return new RegistryError(`the certificate of ${registry} is for other names: ${error.cert?.subjectaltname ?? 'none'}`, {
    cause: error,
    advice: `use one of these names, or a certificate whose subjectAltName has ${entry}`,
  });
}

function nameOf(name: SeenCertificate['subject'] | undefined): string {
  const text = name?.CN ?? name?.O ?? '';
  return text.length === 0 ? '' : `"${text}"`;
}

function dated(words: string, when: string | undefined): string {
  return when === undefined ? '' : `${words}${new Date(when).toISOString().slice(0, 10)}`;
}
