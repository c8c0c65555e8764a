import type { Recipe } from './recipe.ts';
import { busybox } from './recipes/busybox.ts';
import { dockerRegistry } from './recipes/docker-registry.ts';
import { guestbookApp } from './recipes/guestbook-app.ts';
import { nginx } from './recipes/nginx.ts';
import { node } from './recipes/node.ts';
import { postgres } from './recipes/postgres.ts';
import { python } from './recipes/python.ts';
import { redis } from './recipes/redis.ts';
import { rsyslog } from './recipes/rsyslog.ts';

export const recipes = {
  busybox,
  nginx,
  node,
  postgres,
  python,
  redis,
  rsyslog,
  'docker-registry': dockerRegistry,
  'guestbook-app': guestbookApp,
} as const satisfies Readonly<Record<string, Recipe>>;

export type ImageName = keyof typeof recipes;

/** Names for several images at once; the slowest first, so that the two workers end together. */
export const imageGroups: Readonly<Record<string, readonly ImageName[]>> = {
  dev: ['node', 'redis', 'busybox'],
  guestbook: ['postgres', 'guestbook-app', 'nginx'],
  registry: ['postgres', 'python', 'docker-registry', 'nginx', 'redis', 'rsyslog'],
};
