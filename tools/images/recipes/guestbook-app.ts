import { accounts, type Recipe } from '../recipe.ts';

/** The application of samples/guestbook: Python and its PostgreSQL driver. */
export const guestbookApp: Recipe = {
  name: 'guestbook-app',
  reference: 'tscompose/guestbook-app:1',
  packages: ['busybox-static', 'libc-bin', 'python3', 'python3-psycopg2'],
  files: {
    ...accounts({ passwd: 'app:x:1000:1000:app:/app:/bin/sh\n', group: 'app:x:1000:\n' }),
    '/app/app.py': { source: 'samples/guestbook/app/app.py' },
  },
  script: 'rm -rf usr/share/i18n usr/lib/*/gconv',
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1',
    'WORKDIR /app',
    'EXPOSE 8000',
    'CMD ["python3", "/app/app.py"]',
  ],
};
