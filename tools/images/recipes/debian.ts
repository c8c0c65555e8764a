import type { Recipe } from '../recipe.ts';

/** Stands in for Docker Hub's `debian:12-slim`, without perl: what the Dockerfiles of the samples begin with. */
export const debian: Recipe = {
  name: 'debian',
  reference: 'tscompose/debian:12',
  variant: 'apt',
  // Otherwise a program that merges /usr comes along, with all of perl.
  packages: ['usr-is-merged'],
  options: [
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Retries "5"',
    '--dpkgopt=force-unsafe-io',
    ...['man', 'info', 'lintian', 'locale', 'doc'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  ],
  // As in Docker Hub's image: no package starts a service while it is installed.
  files: { '/usr/sbin/policy-rc.d': { text: '#!/bin/sh\nexit 101\n', mode: 0o755 } },
  script: 'rm -rf var/lib/apt/lists/* var/cache/apt/* var/log/*.log var/log/apt etc/hostname etc/resolv.conf dev/*',
  changes: ['CMD ["bash"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};
