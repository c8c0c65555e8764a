import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureCertificates, ensureTokenKey } from '../prepare/certificates.ts';
import { preparedFiles, randomSecret } from '../prepare/prepared-files.ts';
import { publicAddress } from '../prepare/public-address.ts';
import { readSettings, type Settings } from '../prepare/settings.ts';
import { composeEnvironment, proxyConfig, registryConfig } from './prepare/configuration.ts';

/** The user of our services' images; nginx reads its key as root. */
const servicesUser = 10_000;
const root = 0;

/**
 * Makes `prepared/` and `.env` in the sample's directory from its `settings.yaml`: configuration, certificates with
 * subjectAltName, secrets. May be run again at any time: secrets and certificates that will do are kept.
 */
export function prepareRegistry(directory: string): Settings {
  const settings = readSettings(directory);
  const files = preparedFiles(join(directory, 'prepared'));
  ensureCertificates({ files, hostname: settings.hostname, readers: { owner: root } });
  const owner = servicesUser;
  ensureTokenKey({ files, key: 'token/key.pem', certificate: 'token/certificate.pem', readers: { owner } });
  files.secret('secrets/admin-password', { owner, make: () => settings.adminPassword ?? randomSecret(16) });
  files.secret('secrets/database-password', { owner });
  const internal = files.secret('secrets/internal-secret', { owner });
  files.write('config/registry.yml', registryConfig(internal), { owner });
  files.write('config/proxy.conf', proxyConfig(settings));
  preparedFiles(directory).write('.env', composeEnvironment(settings));
  return settings;
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({ options: { directory: { type: 'string', default: import.meta.dirname } } });
    const directory = resolve(values.directory);
    const address = publicAddress(prepareRegistry(directory));
    process.stdout.write(`Prepared in ${join(directory, 'prepared')}.
The password of "admin" for the first start is in prepared/secrets/admin-password.
Clients on this machine need our authority:
  mkdir -p /etc/docker/certs.d/${address} && cp ${join(directory, 'prepared/ca/ca.crt')} /etc/docker/certs.d/${address}/
Then: tscompose up -d --wait && tscompose login -u admin ${address}
`);
  } catch (error) {
    process.stderr.write(`prepare: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
