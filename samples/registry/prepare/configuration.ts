import { publicAddress } from '../../prepare/public-address.ts';
import type { Settings } from '../../prepare/settings.ts';

/** The variables of compose.yaml. */
export function composeEnvironment(settings: Settings): string {
  return `# Made by prepare.ts from settings.yaml.
REGISTRY_ADDRESS=${publicAddress(settings)}
HTTP_PORT=${settings.httpPort}
HTTPS_PORT=${settings.httpsPort}
LOG_PORT=${settings.logPort}
`;
}

/** docker-registry's configuration; compose.yaml adds the token endpoint's public address. */
export function registryConfig(internalSecret: string): string {
  return `# Made by prepare.ts.
version: 0.1
log:
  level: info
  formatter: text
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  cache:
    blobdescriptor: redis
  delete:
    enabled: true
redis:
  addr: redis:6379
  db: 1
http:
  addr: :5000
  relativeurls: true
auth:
  token:
    realm: https://localhost/service/token
    service: registry
    issuer: registry-core
    rootcertbundle: /run/secrets/token-certificate
notifications:
  endpoints:
    - name: core
      url: http://core:8080/internal/events
      headers:
        Authorization: [Bearer ${internalSecret}]
      timeout: 10s
      threshold: 3
      backoff: 2s
      ignoredmediatypes: [application/octet-stream]
      ignore:
        actions: [pull]
`;
}

/** nginx in front of everything. */
export function proxyConfig(settings: Settings): string {
  return `# Made by prepare.ts.
worker_processes auto;
error_log /dev/stderr notice;
pid /run/nginx.pid;

events {
  worker_connections 1024;
}

http {
  access_log /dev/stdout;
  server_tokens off;
  # Ask again after 5 s: a service may come back with another address.
  resolver 127.0.0.11 ipv6=off valid=5s;

  server {
    listen 80;
    return 301 https://${publicAddress(settings)}$request_uri;
  }

  server {
    listen 127.0.0.1:8080;
    location = /health {
      access_log off;
      return 200;
    }
  }

  server {
    listen 443 ssl;
    ssl_certificate /run/secrets/server-certificate;
    ssl_certificate_key /run/secrets/server-key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:1m;

    # Layers are as large as they are, and go through as they come.
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_read_timeout 900s;
    proxy_send_timeout 900s;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto https;

    set $registry http://registry:5000;
    set $core http://core:8080;
    set $portal http://portal:8080;

    location /v2/ {
      proxy_pass $registry;
    }
    location /service/token {
      proxy_pass $core;
    }
    location /api/ {
      proxy_pass $core;
    }
    location / {
      proxy_pass $portal;
    }
  }
}
`;
}
