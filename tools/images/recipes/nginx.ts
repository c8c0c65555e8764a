import { accounts, type Recipe } from '../recipe.ts';

const main = `user nginx;
worker_processes auto;
error_log /dev/stderr notice;
pid /run/nginx.pid;

events {
  worker_connections 1024;
}

http {
  include mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  sendfile on;
  keepalive_timeout 65;
  include conf.d/*.conf;
}
`;

const defaultServer = `server {
  listen 80;
  location / {
    root /usr/share/nginx/html;
    index index.html;
  }
}
`;

/** Stands in for Docker Hub's \`nginx\`: same places, same command. */
export const nginx: Recipe = {
  name: 'nginx',
  reference: 'tscompose/nginx:1',
  packages: ['busybox-static', 'nginx'],
  files: {
    ...accounts({ passwd: 'nginx:x:101:101:nginx:/nonexistent:/usr/sbin/nologin\n', group: 'nginx:x:101:\n' }),
    '/etc/nginx/nginx.conf': { text: main },
    '/etc/nginx/conf.d/default.conf': { text: defaultServer },
  },
  script: `mkdir -p var/log/nginx var/lib/nginx
ln -s /dev/stdout var/log/nginx/access.log
ln -s /dev/stderr var/log/nginx/error.log
rm -rf etc/nginx/sites-* etc/nginx/snippets etc/nginx/modules-* etc/init.d etc/logrotate.d etc/ufw usr/share/perl* usr/bin/perl* usr/lib/*/perl*`,
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'EXPOSE 80',
    'STOPSIGNAL SIGQUIT',
    'CMD ["nginx", "-g", "daemon off;"]',
  ],
};
