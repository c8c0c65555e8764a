import { accounts, type Recipe } from '../recipe.ts';

/** Python with a PostgreSQL driver and cryptography: what the services of samples/registry are made on. */
export const python: Recipe = {
  name: 'python',
  reference: 'tscompose/python:3',
  packages: ['busybox-static', 'libc-bin', 'python3', 'python3-cryptography', 'python3-psycopg2'],
  files: accounts({ passwd: 'app:x:10000:10000:app:/srv:/bin/sh\n', group: 'app:x:10000:\n' }),
  script: 'rm -rf usr/share/i18n usr/lib/*/gconv && mkdir -p srv',
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1',
    'WORKDIR /srv',
    'USER app',
    'CMD ["python3"]',
  ],
};
