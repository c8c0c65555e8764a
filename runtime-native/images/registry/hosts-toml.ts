/** One table of a `hosts.toml`: the file's own keys, or those of one `[host."…"]`. */
export interface HostTable {
  /** URL as written; absent for the keys before the first table. */
  readonly url?: string;
  readonly capabilities?: readonly string[];
  /** Paths of PEM files. */
  readonly authorities: readonly string[];
  /** Certificate and key paths; one path holds both. */
  readonly client?: readonly [string] | readonly [string, string];
  readonly isUnverified: boolean;
  /** Only at the top: where the registry itself is. */
  readonly server?: string;
}

/**
 * Reads what we understand of containerd's `hosts.toml`: `server`, `[host."URL"]` in order with `capabilities`, `ca`,
 * `client`, `skip_verify`. Other keys and tables (`header`, `dial_timeout`) are skipped. Throws a plain `Error` with the line
 * for what is no TOML of this kind.
 */
export function parseHostsToml(text: string): { readonly top: HostTable; readonly hosts: readonly HostTable[] } {
  const top: Record<string, unknown> = {};
  const hosts: Record<string, unknown>[] = [];
  let current: Record<string, unknown> | undefined = top;
  for (const { line, number } of logicalLines(text)) {
    const host = /^\[\s*host\s*\.\s*(?:"([^"]+)"|'([^']+)')\s*\]$/.exec(line);
    if (host !== null) {
      current = { url: host[1] ?? host[2] };
      hosts.push(current);
    } else if (line.startsWith('[')) current = undefined;
    else {
      const [, key, value] = /^([\w-]+|"[\w-]+")\s*=\s*(.*)$/s.exec(line) ?? [];
      if (key === undefined || value === undefined) throw new Error(`line ${number} is not "key = value"`);
      if (current !== undefined) current[key.replaceAll('"', '')] = parseValue(value, number);
    }
  }
  return { top: tableOf(top), hosts: hosts.map(tableOf) };
}

/** Lines without comments; an array that goes over several is one. */
function* logicalLines(text: string): Generator<{ readonly line: string; readonly number: number }> {
  let pending = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = `${pending} ${withoutComment(raw)}`.trim();
    pending = '';
    if (line === '') continue;
    const isOpen = /=/.test(line) && count(line, '[') > count(line, ']');
    if (isOpen) pending = line;
    else yield { line, number: index + 1 };
  }
  if (pending !== '') throw new Error('a list is not closed');
}

function withoutComment(line: string): string {
  return /^(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*/.exec(line)?.[0] ?? '';
}

function count(text: string, character: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').split(character).length - 1;
}

function parseValue(text: string, number: number): unknown {
  // Strings, booleans and lists of them are JSON but for single quotes and a last comma.
  const json = text.replace(/"(?:[^"\\]|\\.)*"|'([^']*)'|,(?=\s*\])/g, (part, literal?: string) =>
    part.startsWith("'") ? JSON.stringify(literal) : part === ',' ? '' : part,
  );
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(`the value in line ${number} is not understood`);
  }
}

function tableOf(table: Readonly<Record<string, unknown>>): HostTable {
  const { url, server, capabilities, ca, client, skip_verify: skip } = table;
  const pair = (Array.isArray(client) ? (Array.isArray(client[0]) ? client[0] : client) : [client]).filter(isText);
  return {
    ...(isText(url) ? { url } : {}),
    ...(isText(server) ? { server } : {}),
    ...(Array.isArray(capabilities) ? { capabilities: capabilities.filter(isText) } : {}),
    authorities: (Array.isArray(ca) ? ca : [ca]).filter(isText),
    ...(pair[0] === undefined ? {} : { client: pair[1] === undefined ? [pair[0]] : [pair[0], pair[1]] }),
    isUnverified: skip === true,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
