import { accounts, type Recipe } from '../recipe.ts';

/** Stands in for Docker Hub's `redis:7`: same data directory, same command. */
export const redis: Recipe = {
  name: 'redis',
  reference: 'tscompose/redis:7',
  packages: ['busybox-static', 'redis-server'],
  files: accounts({ passwd: 'redis:x:999:1000:redis:/data:/bin/sh\n', group: 'redis:x:1000:\n' }),
  script: 'rm -rf etc/redis etc/init.d etc/logrotate.d etc/default && mkdir -p data && chown 999:1000 data',
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'VOLUME /data',
    'WORKDIR /data',
    'USER redis',
    'EXPOSE 6379',
    'CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data"]',
  ],
};
