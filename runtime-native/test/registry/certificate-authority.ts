import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate and its key, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface IssueRequest {
  readonly name: string;
  /** `DNS:registry.lan,IP:127.0.0.1`; absent: only a common name. */
  readonly subjectAltName?: string;
  /** `YYYYMMDDHHMMSSZ`. */
  readonly from?: string;
  readonly until?: string;
}

export interface Authority {
  /** Its own certificate, what goes into `certs.d` as `ca.crt`. */
  readonly certificate: string;
  readonly pem: string;
  readonly key: string;
  issue(request: IssueRequest): Issued;
}

/** A private certificate authority in a directory, made with openssl. */
export function makeAuthority(directory: string): Authority {
  mkdirSync(directory, { recursive: true });
  const path = (name: string): string => join(directory, name);
  writeFileSync(
    path('ca.cnf'),
    `[ca]\ndefault_ca = own\n[own]\nnew_certs_dir = ${directory}\ndatabase = ${path('index')}\nserial = ${path('serial')}
default_md = sha256\npolicy = any\ncertificate = ${path('ca.pem')}\nprivate_key = ${path('ca.key')}\nunique_subject = no\ncopy_extensions = copy
[any]\ncommonName = supplied\n`,
  );
  writeFileSync(path('index'), '');
  writeFileSync(path('serial'), '1000\n');
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...ec, '-days', '30', '-subj', '/CN=Test Authority', '-keyout', path('ca.key'), '-out', path('ca.pem'));
  return {
    certificate: path('ca.pem'),
    pem: readFileSync(path('ca.pem'), 'utf8'),
    key: path('ca.key'),
    issue: ({ name, subjectAltName, from, until }) => {
      const [csr, key, certificate] = [path(`${name}.csr`), path(`${name}.key`), path(`${name}.pem`)];
      const extension = subjectAltName === undefined ? [] : ['-addext', `subjectAltName=${subjectAltName}`];
      openssl('req', '-new', ...ec, '-subj', `/CN=${name}`, ...extension, '-keyout', key, '-out', csr);
      const span = [
        ...(from === undefined ? [] : ['-startdate', from]),
        ...(until === undefined ? ['-days', '30'] : ['-enddate', until]),
      ];
      openssl('ca', '-batch', '-notext', '-config', path('ca.cnf'), ...span, '-in', csr, '-out', certificate);
      return { certificate, key };
    },
  };
}

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 30_000 });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}
