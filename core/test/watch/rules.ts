import type { WatchRule } from '#core/watch/rule.ts';

/** A rule of service `web` on `/p/src`; give what matters. */
export function rule(fields: Partial<WatchRule> = {}): WatchRule {
  return {
    service: 'web',
    index: 0,
    path: '/p/src',
    action: 'sync',
    target: '/app',
    ignore: [],
    include: [],
    exec: undefined,
    initialSync: false,
    ...fields,
  };
}
