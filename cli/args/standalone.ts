const booleans = new Set(['--debug', '-D', '--tls', '--tlsverify']);
const withValue = new Set(['--tlscacert', '--tlscert', '--tlskey', '--host', '-H', '--context', '--log-level']);

/**
 * Command lines written for `docker-compose`: before the first word that is not a flag, connection flags of Docker are
 * dropped (there is no daemon to connect to) and `--verbose`, `-v`, `--version` get their modern forms. Reference:
 * docker/compose `cmd/compatibility/convert.go`.
 */
export function fromStandalone(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) return [...result, ...argv.slice(at)];
    const name = word.split('=', 1)[0] ?? word;
    if (booleans.has(name)) continue;
    if (withValue.has(name)) {
      if (name === word) at++;
      continue;
    }
    if (word === '-v' || word === '--version') return ['version', ...argv.slice(at + 1)];
    result.push(word);
    // Global flags with a value: the value is not the command.
    if (valueFlags.has(word) && at + 1 < argv.length) result.push(argv[++at] ?? '');
  }
  return result;
}

/** Command lines written for `docker compose`: flags of `docker` itself and the word `compose` are taken away. */
export function fromPlugin(argv: readonly string[]): readonly string[] {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === 'compose') return argv.slice(at + 1);
    const name = word.split('=', 1)[0] ?? word;
    if (!booleans.has(name) && !withValue.has(name)) return argv;
    if (withValue.has(name) && name === word) at++;
  }
  return argv;
}

const valueFlags = new Set([
  ...['-f', '--file', '-p', '--project-name', '--profile', '--env-file', '--project-directory', '--workdir'],
  ...['--ansi', '--progress', '--parallel', '--insecure-registry'],
]);
