import type { TscomposeError } from '#core/diagnostics/error.ts';

/** Checks the `registries` section; `refuse` makes the error of its file. */
export function parseRegistries(value: unknown, refuse: (reason: string) => TscomposeError): RegistriesSection {
  if (!isRecord(value)) throw refuse('"registries" must be an object');
  const { default: fallback, insecure, mirrors, ...unknown } = value;
  const key = Object.keys(unknown)[0];
  if (key !== undefined) throw refuse(`"registries" has no setting "${key}": it knows "default", "insecure" and "mirrors"`);
  if (fallback !== undefined && !isHost(fallback))
    throw refuse('"registries.default" must be a host, such as "registry.example.com"');
  if (insecure !== undefined && !isTextList(insecure)) throw refuse('"registries.insecure" must be a list of hosts and CIDRs');
  if (mirrors !== undefined && !(isRecord(mirrors) && Object.values(mirrors).every(isTextList))) {
    throw refuse(
      '"registries.mirrors" must give a list of URLs for each registry, such as { "docker.io": ["https://mirror.lan"] }',
    );
  }
  return {
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(mirrors === undefined ? {} : { mirrors: mirrors as RegistriesSection['mirrors'] & object }), // just checked
  };
}

/** The `registries` section of our configuration file. */
export interface RegistriesSection {
  readonly default?: string;
  readonly insecure?: readonly string[];
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
}

function isHost(value: unknown): value is string {
  return typeof value === 'string' && /^(?:[\w.-]+|\[[0-9a-f:]+\])(?::\d+)?$/i.test(value);
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
