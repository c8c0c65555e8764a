import { accounts, type Recipe } from '../recipe.ts';

/** Docker's registry as Debian packages it, and Python for what runs beside it; its configuration is mounted at /etc/docker/registry/config.yml. */
export const dockerRegistry: Recipe = {
  name: 'docker-registry',
  reference: 'tscompose/docker-registry:2.8',
  packages: ['busybox-static', 'ca-certificates', 'docker-registry', 'libc-bin', 'python3'],
  files: accounts({ passwd: 'registry:x:10000:10000:registry:/var/lib/registry:/bin/sh\n', group: 'registry:x:10000:\n' }),
  script: `rm -rf etc/init.d etc/docker usr/share/i18n usr/lib/*/gconv
mkdir -p etc/docker/registry var/lib/registry srv
rm -rf var/lib/docker-registry
chown 10000:10000 var/lib/registry`,
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1',
    'VOLUME /var/lib/registry',
    'USER registry',
    'EXPOSE 5000',
    'CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]',
  ],
};
