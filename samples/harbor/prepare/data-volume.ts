import { generateKeyPairSync } from 'node:crypto';
import { chownSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureCertificates } from '../../prepare/certificates.ts';
import { openssl } from '../../prepare/openssl.ts';
import { type PreparedFiles, preparedFiles, randomSecret } from '../../prepare/prepared-files.ts';
import type { Settings } from '../../prepare/settings.ts';

/** Users in the goharbor images. */
const harborUser = 10_000;
const databaseUser = 999;

/** Directories that services write to: path to owner and mode. */
const directories: Readonly<Record<string, readonly [owner: number, mode: number]>> = {
  registry: [harborUser, 0o755],
  database: [databaseUser, 0o700],
  redis: [databaseUser, 0o755],
  job_logs: [harborUser, 0o755],
  ca_download: [harborUser, 0o755],
  logs: [harborUser, 0o755],
  'secret/cert': [harborUser, 0o755],
  'secret/core': [harborUser, 0o755],
  'secret/keys': [harborUser, 0o755],
  'secret/registry': [harborUser, 0o755],
  'trivy-adapter/trivy': [harborUser, 0o755],
  'trivy-adapter/reports': [harborUser, 0o755],
};

/** The layout is that of Harbor's own installer, so that a data volume can change hands. What is in it is left alone. */
export function prepareDataVolume(request: { readonly directory: string; readonly settings: Settings }): void {
  const { settings } = request;
  const data = preparedFiles(settings.dataVolume);
  for (const [name, [owner, mode]] of Object.entries(directories)) makeDirectory({ path: data.path(name), owner, mode });
  // It encrypts credentials in the database: exactly 16 characters, and lost with it are all of them.
  data.secret('secret/keys/secretkey', { owner: harborUser, make: () => randomSecret(16) });
  ensureTokenKey(data);
  const files = preparedFiles(join(request.directory, 'prepared'));
  ensureCertificates({ files, hostname: settings.hostname, readers: { owner: 0 } });
  for (const name of ['server.crt', 'server.key']) {
    copyFileSync(files.path(`certs/${name}`), data.path(`secret/cert/${name}`));
    data.restrict(`secret/cert/${name}`, { owner: harborUser });
  }
  // What the portal offers for download.
  copyFileSync(files.path('ca/ca.crt'), data.path('ca_download/ca.crt'));
}

/** What core signs the registry's tokens with. */
function ensureTokenKey(data: PreparedFiles): void {
  const [key, certificate] = ['secret/core/private_key.pem', 'secret/registry/root.crt'] as const;
  if (!existsSync(data.path(key))) {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 4096,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    data.write(key, pair.privateKey, { owner: harborUser });
    openssl([
      'req',
      '-x509',
      '-new',
      '-key',
      data.path(key),
      '-out',
      data.path(certificate),
      '-days',
      '3650',
      '-subj',
      '/CN=harbor token',
    ]);
  }
  data.restrict(certificate, { owner: harborUser });
}

function makeDirectory(request: { readonly path: string; readonly owner: number; readonly mode: number }): void {
  const { path, owner, mode } = request;
  if (existsSync(path)) return; // its owner may have changed it, and a chown of all that is in it would take long
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  mkdirSync(path, { mode });
  if (process.getuid?.() === 0) chownSync(path, owner, owner);
}
