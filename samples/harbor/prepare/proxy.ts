import { publicAddress } from '../../prepare/public-address.ts';
import type { Settings } from '../../prepare/settings.ts';
import { addresses } from './addresses.ts';

interface Location {
  readonly path: string;
  readonly to: string;
  /** The header "Host" as the client sent it, port included, where addresses are made from it. */
  readonly host: '$http_host' | '$host';
  readonly more: readonly string[];
}

const cookies = 'proxy_cookie_path / "/; Secure";';
const patience = ['proxy_send_timeout 900;', 'proxy_read_timeout 900;'];

const locations: readonly Location[] = [
  { path: '/', to: '$portal', host: '$http_host', more: ['proxy_cookie_path / "/; HttpOnly; Secure";'] },
  { path: '/c/', to: '$core', host: '$host', more: [cookies] },
  { path: '/api/', to: '$core', host: '$host', more: [cookies] },
  { path: '/v2/', to: '$core', host: '$http_host', more: patience },
  { path: '/service/', to: '$core', host: '$http_host', more: [cookies] },
];

/**
 * nginx.conf of the proxy. Harbor's own looks names up once, at its start; this one asks again, so that core may come back
 * with another address.
 */
export function proxyConfig(settings: Settings): string {
  return `# Made by prepare.ts.
worker_processes auto;
pid /tmp/nginx.pid;

events {
  worker_connections 3096;
  multi_accept on;
}

http {
  client_body_temp_path /tmp/client_body_temp;
  proxy_temp_path /tmp/proxy_temp;
  fastcgi_temp_path /tmp/fastcgi_temp;
  uwsgi_temp_path /tmp/uwsgi_temp;
  scgi_temp_path /tmp/scgi_temp;
  tcp_nodelay on;
  server_tokens off;
  proxy_http_version 1.1;
  resolver 127.0.0.11 ipv6=off valid=5s;

  log_format timed '$remote_addr - "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '$request_time $upstream_response_time $pipe';
  access_log /dev/stdout timed;

  map $http_x_forwarded_proto $x_forwarded_proto {
    default $http_x_forwarded_proto;
    "" $scheme;
  }

  server {
    listen 8080;
    return 308 https://${publicAddress(settings)}$request_uri;
  }

  server {
    listen 8443 ssl;
    ssl_certificate /etc/cert/server.crt;
    ssl_certificate_key /etc/cert/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    ssl_session_cache shared:SSL:10m;

    # Layers are as large as they are, and go through as they come.
    client_max_body_size 0;
    chunked_transfer_encoding on;
    proxy_buffering off;
    proxy_request_buffering off;

    add_header Strict-Transport-Security "max-age=31536000; includeSubdomains";
    add_header X-Frame-Options DENY;
    add_header Content-Security-Policy "frame-ancestors 'none'";

    # Locations of your own.
    include /etc/nginx/conf.d/harbor.https.*.conf;

    set $core ${addresses.core};
    set $portal ${addresses.portal};

    location /v1/ {
      return 404;
    }
    location /service/notifications {
      return 404;
    }
${locations.map(locationText).join('')}  }
}
`;
}

function locationText({ path, to, host, more }: Location): string {
  const lines = [
    `proxy_pass ${to};`,
    `proxy_set_header Host ${host};`,
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $x_forwarded_proto;',
    ...more,
  ];
  return `    location ${path} {\n${lines.map((line) => `      ${line}\n`).join('')}    }\n`;
}
