import { accounts, type Recipe } from '../recipe.ts';

/** The smallest image with a shell and the usual tools; what tests run. */
export const busybox: Recipe = {
  name: 'busybox',
  reference: 'tscompose/busybox:1',
  packages: ['busybox-static'],
  files: accounts({ passwd: 'app:x:1000:1000:app:/home/app:/bin/sh\n', group: 'app:x:1000:\nshared:x:2000:app\n' }),
  script: 'mkdir -p home/app && chown 1000:1000 home/app',
  changes: ['CMD ["sh"]', 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};
