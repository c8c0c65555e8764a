import { accounts, type Recipe } from '../recipe.ts';

/** Stands in for Docker Hub's `node`: the program that tscompose itself runs on, and what it is linked with. */
export const node: Recipe = {
  name: 'node',
  reference: 'tscompose/node:1',
  packages: ['busybox-static', 'libatomic1', 'libstdc++6'],
  files: {
    ...accounts({ passwd: 'node:x:1000:1000:node:/home/node:/bin/sh\n', group: 'node:x:1000:\n' }),
    '/usr/local/bin/node': { source: 'node_modules/node/bin/node', mode: 0o755 },
  },
  script: 'mkdir -p home/node && chown 1000:1000 home/node && rm -rf usr/lib/*/gconv',
  changes: ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["node"]'],
};
