import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { publicAddress } from '../prepare/public-address.ts';
import { readSettings, type Settings } from '../prepare/settings.ts';
import { prepareConfiguration } from './prepare/configuration.ts';
import { prepareDataVolume } from './prepare/data-volume.ts';
import { ensureSecrets } from './prepare/secrets.ts';

/**
 * Makes what Harbor's containers need from `settings.yaml`: configuration in `prepared/config`, `.env` for compose.yaml,
 * directories, keys and certificates in the data volume. May be run again at any time: secrets, keys and certificates that
 * will do are kept, data is not touched.
 */
export function prepareHarbor(directory: string): Settings {
  const settings = readSettings(directory, ['data_volume', 'version', 'trivy', 'metrics']);
  const secrets = ensureSecrets(directory, settings);
  prepareDataVolume({ directory, settings });
  prepareConfiguration({ directory, settings, secrets });
  return settings;
}

if (import.meta.main) {
  try {
    const { values } = parseArgs({ options: { directory: { type: 'string', default: import.meta.dirname } } });
    const directory = resolve(values.directory);
    const settings = prepareHarbor(directory);
    const address = publicAddress(settings);
    process.stdout.write(`Prepared Harbor ${settings.version} in ${join(directory, 'prepared')}, with its data in ${settings.dataVolume}.
The password of "admin" for the first start is in prepared/secrets/admin-password.
Clients on this machine need our authority:
  mkdir -p /etc/docker/certs.d/${address} && cp ${join(directory, 'prepared/ca/ca.crt')} /etc/docker/certs.d/${address}/
Then: tscompose up -d && tscompose login -u admin ${address}
`);
  } catch (error) {
    process.stderr.write(`prepare: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
