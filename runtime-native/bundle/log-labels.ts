import type { LogField } from '#schemas/supervisor-protocol.ts';
import type { LogFacts } from './log-facts.ts';
import type { LogOptions } from './log-options.ts';

/** Options by which a service chooses what its log lines carry. */
export const labelOptions = ['labels', 'labels-regex', 'env', 'env-regex'] as const;

/** Labels and variables that `labels`, `labels-regex`, `env` and `env-regex` choose, by name; variables win over labels. */
export function logLabels(options: LogOptions, facts: LogFacts): readonly (readonly [string, string])[] {
  const variables = facts.environment.map((one) => [one.replace(/=.*/s, ''), one.replace(/^[^=]*=?/, '')] as const);
  const chosen = new Map([
    ...choose(Object.entries(facts.labels), { names: options.text('labels'), pattern: options.pattern('labels-regex') }),
    ...choose(variables, { names: options.text('env'), pattern: options.pattern('env-regex') }),
  ]);
  return [...chosen].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function choose(
  all: readonly (readonly [string, string])[],
  by: { readonly names: string | undefined; readonly pattern: RegExp | undefined },
): readonly (readonly [string, string])[] {
  const names = by.names?.split(',') ?? [];
  return all.filter(([name]) => names.includes(name) || by.pattern?.test(name));
}

/** As the supervisor takes them. */
export function logFields(fields: Readonly<Record<string, string>>): readonly LogField[] {
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}
