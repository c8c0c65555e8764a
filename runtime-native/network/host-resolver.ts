/** What of a resolv.conf(5) we use. */
export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export function parseResolvConf(text: string): ResolverConfig {
  const nameservers: string[] = [];
  const options: string[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [key, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    if (key === 'nameserver' && values[0] !== undefined) nameservers.push(values[0]);
    if (key === 'search' || key === 'domain') search = values.filter((one) => one !== '.');
    if (key === 'options') options.push(...values);
  }
  return { nameservers, search, options };
}

export function formatResolvConf(config: ResolverConfig): string {
  return [
    ...config.nameservers.map((one) => `nameserver ${one}`),
    ...(config.search.length === 0 ? [] : [`search ${config.search.join(' ')}`]),
    ...(config.options.length === 0 ? [] : [`options ${config.options.join(' ')}`]),
    '',
  ].join('\n');
}

/** What a container's resolv.conf says, from the host's and the service's own settings. `resolver`: our address, or none. */
export function containerResolver(request: {
  readonly host: ResolverConfig;
  readonly dns: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
  readonly resolver: string | undefined;
}): ResolverConfig {
  const options = request.options.length > 0 ? request.options : request.host.options;
  const hasNdots = options.some((one) => one.startsWith('ndots:'));
  const nameservers = request.dns.length > 0 ? request.dns : request.host.nameservers;
  return {
    nameservers: request.resolver === undefined ? nameservers : [request.resolver],
    search: request.search.length > 0 ? request.search.filter((one) => one !== '.') : request.host.search,
    // Docker's: names of services have no dots and shall be asked as they are.
    options: request.resolver === undefined || hasNdots ? options : [...options, 'ndots:0'],
  };
}
