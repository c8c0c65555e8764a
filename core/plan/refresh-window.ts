const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * How old a tag may be before it is fetched again, in milliseconds, for the pull policies `daily`, `weekly`, `every_12h`,
 * `every_1d12h` and `refresh` (always); undefined for the other ones.
 */
export function refreshWindowMs(policy: string): number | undefined {
  switch (policy) {
    case 'refresh':
      return 0;
    case 'daily':
      return unitMs['d'];
    case 'weekly':
      return unitMs['w'];
    default: {
      const spans = /^every_((?:\d+[wdhms])+)$/.exec(policy)?.[1]?.matchAll(/(\d+)([wdhms])/g);
      if (spans === undefined) return undefined;
      return [...spans].reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
    }
  }
}
