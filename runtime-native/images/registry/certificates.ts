import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RegistryError } from './registry-error.ts';

/** What `certs.d/<host[:port]>/` has for a registry. */
export interface Certificates {
  /** PEM texts that are trusted besides the machine's own authorities. */
  readonly authorities: readonly string[];
  readonly client?: { readonly certificate: string; readonly key: string };
}

/**
 * Reads `*.crt` as authorities and the first `*.cert` with its `.key` as client certificate (Docker's convention) from the
 * registry's directory below each of `directories`. Rejects what is half there.
 */
export function findCertificates(directories: readonly string[], registry: string): Certificates {
  const authorities: string[] = [];
  let client: Certificates['client'];
  for (const directory of directories.map((one) => join(one, registry))) {
    const names = list(directory);
    for (const name of names.filter((one) => one.endsWith('.crt'))) authorities.push(readPem(join(directory, name)));
    const certificate = names.find((one) => one.endsWith('.cert'));
    if (certificate === undefined || client !== undefined) continue;
    const key = `${certificate.slice(0, -'.cert'.length)}.key`;
    if (!names.includes(key)) {
      throw new RegistryError(`"${join(directory, certificate)}" has no key`, {
        advice: `put its key into "${join(directory, key)}"`,
      });
    }
    client = { certificate: readPem(join(directory, certificate)), key: readPem(join(directory, key)) };
  }
  return { authorities, ...(client === undefined ? {} : { client }) };
}

/** Reads a PEM file; rejects with what is wrong and where. */
export function readPem(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RegistryError(`"${path}" cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  if (!text.includes('-----BEGIN ')) {
    throw new RegistryError(`"${path}" is no PEM file`, {
      advice: `convert it: openssl x509 -inform der -in ${path} -out ${path}.pem`,
    });
  }
  return text;
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    // Not there or not ours to read (another user's, in /etc/docker): what is in it is not for us.
    return [];
  }
}
