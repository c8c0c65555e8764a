import { accounts, type Recipe } from '../recipe.ts';

/** Stands in for Docker Hub's `postgres:15`: same environment variables, same data directory, same first start. */
export const postgres: Recipe = {
  name: 'postgres',
  reference: 'tscompose/postgres:15',
  packages: ['busybox-static', 'gosu', 'libc-bin', 'postgresql-15'],
  files: {
    ...accounts({ passwd: 'postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/sh\n', group: 'postgres:x:999:\n' }),
    '/usr/local/bin/docker-entrypoint.sh': { source: 'tools/images/recipes/postgres-entrypoint.sh', mode: 0o755 },
  },
  // LLVM is only for the just-in-time compiler, which PostgreSQL does without; Debian's psql is a wrapper in Perl.
  script: `find usr/bin -lname '*pg_wrapper' -delete
rm -rf usr/lib/*/libLLVM* usr/lib/*/libz3* usr/lib/postgresql/15/lib/bitcode usr/lib/postgresql/15/lib/llvmjit* \\
  usr/share/perl* usr/bin/perl* usr/lib/*/perl* usr/lib/*/libperl* usr/share/i18n usr/share/postgresql-common etc/init.d
mkdir -p var/lib/postgresql/data run/postgresql docker-entrypoint-initdb.d
chown -R 999:999 var/lib/postgresql run/postgresql
chmod 0700 var/lib/postgresql/data
chmod 3777 run/postgresql
sed -i "s/^#*listen_addresses = .*/listen_addresses = '*'/" usr/share/postgresql/15/postgresql.conf.sample`,
  changes: [
    'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'ENV LANG=C.UTF-8 PG_MAJOR=15 PGDATA=/var/lib/postgresql/data',
    'VOLUME /var/lib/postgresql/data',
    'EXPOSE 5432',
    'STOPSIGNAL SIGINT',
    'ENTRYPOINT ["docker-entrypoint.sh"]',
    'CMD ["postgres"]',
  ],
};
