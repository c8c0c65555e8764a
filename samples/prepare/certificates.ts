import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { openssl } from './openssl.ts';
import type { PreparedFiles, Readers } from './prepared-files.ts';

const authorityDays = 3650;
// Apple's systems take no longer ones.
const serverDays = 825;
const renewalDays = 30;

/**
 * A certificate authority in `ca/` (kept once made) and a server certificate in `certs/` for `hostname`, which clients find in
 * its subjectAltName. The certificate is made anew when it is not of this authority, not for this name, or ends within 30 days;
 * what somebody put there who has a better one is left alone when it is for this name. Returns whether one was made.
 */
export function ensureCertificates(request: {
  readonly files: PreparedFiles;
  readonly hostname: string;
  /** Who reads the server's key. */
  readonly readers: Readers;
}): boolean {
  const { files, hostname, readers } = request;
  for (const directory of ['ca', 'certs']) mkdirSync(files.path(directory), { recursive: true, mode: 0o755 });
  if (!existsSync(files.path('ca/ca.key')) && !existsSync(files.path('ca/ca.crt'))) makeAuthority(files);
  const isMade = !isGood(files, hostname);
  if (isMade) makeServerCertificate(files, hostname);
  files.restrict('certs/server.key', readers);
  return isMade;
}

/** A self-signed certificate and its RSA key, for signing tokens; made once. */
export function ensureTokenKey(request: {
  readonly files: PreparedFiles;
  readonly key: string;
  readonly certificate: string;
  readonly readers: Readers;
}): void {
  const { files, key, certificate, readers } = request;
  if (!existsSync(files.path(key)) || !existsSync(files.path(certificate))) {
    mkdirSync(dirname(files.path(key)), { recursive: true });
    openssl(['genrsa', '-out', files.path(key), '2048']);
    const name = ['-subj', '/CN=token signing key', '-days', String(authorityDays)];
    openssl(['req', '-x509', '-key', files.path(key), '-out', files.path(certificate), ...name]);
  }
  files.restrict(key, readers);
  files.restrict(certificate, {});
}

/** Whether the certificate that is there will do. */
function isGood(files: PreparedFiles, hostname: string): boolean {
  if (!existsSync(files.path('certs/server.crt')) || !existsSync(files.path('certs/server.key'))) return false;
  const certificate = new X509Certificate(readFileSync(files.path('certs/server.crt')));
  const isForName =
    (isIP(hostname) === 0 ? certificate.checkHost(hostname, { subject: 'never' }) : certificate.checkIP(hostname)) !== undefined;
  const authority = new X509Certificate(readFileSync(files.path('ca/ca.crt')));
  const isForeign = certificate.issuer !== authority.subject;
  const endsInMs = Date.parse(certificate.validTo) - Date.now();
  return isForName && (isForeign || (certificate.verify(authority.publicKey) && endsInMs > renewalDays * 86_400_000));
}

function makeAuthority(files: PreparedFiles): void {
  makeKey(files.path('ca/ca.key'));
  // The random part keeps apart the authorities of several machines in one trust store.
  const name = `/CN=Registry authority ${crypto.randomUUID().slice(0, 8)}`;
  writeFileSync(files.path('ca/ca.cnf'), authorityConfig);
  const words = ['-config', files.path('ca/ca.cnf'), '-extensions', 'authority', '-subj', name, '-days', String(authorityDays)];
  openssl(['req', '-x509', '-new', '-sha256', '-key', files.path('ca/ca.key'), '-out', files.path('ca/ca.crt'), ...words]);
}

const authorityConfig = `[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

function makeServerCertificate(files: PreparedFiles, hostname: string): void {
  const [key, request, certificate] = ['key', 'csr', 'crt'].map((ending) => files.path(`certs/server.${ending}`)) as [
    string,
    string,
    string,
  ];
  if (!existsSync(files.path('ca/ca.key')))
    throw new Error(
      `${certificate} is not for "${hostname}", and there is no ${files.path('ca/ca.key')} to sign another: put one there`,
    );
  makeKey(key);
  writeFileSync(files.path('certs/server.cnf'), serverConfig(hostname));
  openssl(['req', '-new', '-sha256', '-config', files.path('certs/server.cnf'), '-key', key, '-out', request]);
  const authority = [
    '-CA',
    files.path('ca/ca.crt'),
    '-CAkey',
    files.path('ca/ca.key'),
    '-CAcreateserial',
    '-days',
    String(serverDays),
  ];
  const extensions = ['-extfile', files.path('certs/server.cnf'), '-extensions', 'server'];
  openssl(['x509', '-req', '-sha256', '-in', request, '-out', certificate, ...authority, ...extensions]);
}

/** Clients look at subjectAltName alone: Go's have ignored the common name since 1.15. */
function serverConfig(hostname: string): string {
  const isAddress = isIP(hostname) !== 0;
  return `[req]
distinguished_name = name
prompt = no
[name]
CN = ${hostname.slice(0, 64)}
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${isAddress ? 'IP' : 'DNS'}:${hostname}
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
`;
}

function makeKey(path: string): void {
  writeFileSync(path, '', { mode: 0o600 });
  openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path]);
}
