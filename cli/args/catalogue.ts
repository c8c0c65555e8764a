import { type Catalogue, diagnoser, entry } from '#core/diagnostics/diagnostic.ts';

const quoted = (names: readonly string[]): string => names.map((one) => `"${one}"`).join(', ');

/** Everything the command line itself can be wrong about. */
const catalogue = {
  'cli.unknown-command': entry<{ name: string; nearest?: string | undefined; program: string }>({
    severity: 'error',
    message: (p) => `unknown command "${p.name}"`,
    hint: (p) => (p.nearest ? `did you mean "${p.nearest}"?` : `"${p.program} --help" lists the commands`),
  }),
  'cli.systemctl-failed': entry<{ command: string; status: number }>({
    severity: 'error',
    message: (p) => `"${p.command}" failed with status ${p.status}`,
    hint: () => 'enable needs systemd and root; "enable --print" shows the unit for another init',
  }),
  'cli.enable-stdin': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'a compose file from standard input cannot be read again at boot',
    hint: () => 'write it to a file',
  }),
  'cli.unknown-flag': entry<{ flag: string; nearest?: string | undefined; help: string; global?: boolean }>({
    severity: 'error',
    message: (p) => `unknown flag "${p.flag}"`,
    hint: (p) =>
      p.global
        ? `"${p.flag}" is a global flag: it goes before the command`
        : p.nearest
          ? `did you mean "${p.nearest}"?`
          : `"${p.help}" lists the flags`,
  }),
  'cli.flag-needs-value': entry<{ flag: string }>({
    severity: 'error',
    message: (p) => `flag needs an argument: ${p.flag}`,
    hint: (p) => `write ${p.flag} VALUE${p.flag.startsWith('--') ? ` or ${p.flag}=VALUE` : ''}`,
  }),
  'cli.bad-flag-value': entry<{ flag: string; value: string; allowed: string }>({
    severity: 'error',
    message: (p) => `"${p.value}" is not a value for ${p.flag}`,
    hint: (p) => `allowed: ${p.allowed}`,
  }),
  'cli.flags-conflict': entry<{ one: string; other: string }>({
    severity: 'error',
    message: (p) => `${p.one} and ${p.other} cannot be used together`,
    hint: () => 'leave one of them out',
  }),
  /** What is not planned cannot be shown beforehand; doing it all the same would be worse. */
  'cli.no-dry-run': entry<{ command: string }>({
    severity: 'error',
    message: (p) => `"${p.command}" does what it does at once: there is nothing to show with --dry-run`,
    hint: () => 'leave --dry-run out to do it',
  }),
  'cli.flag-needs-other': entry<{ flag: string; needs: string }>({
    severity: 'error',
    message: (p) => `${p.flag} needs ${p.needs}`,
  }),
  'cli.missing-operand': entry<{ operand: string; usage: string }>({
    severity: 'error',
    message: (p) => `${p.operand} is missing`,
    hint: (p) => `usage: ${p.usage}`,
  }),
  'cli.unexpected-operand': entry<{ operand: string; usage: string }>({
    severity: 'error',
    message: (p) => `unexpected argument "${p.operand}"`,
    hint: (p) => `usage: ${p.usage}`,
  }),
  'cli.deprecated-flag': entry<{ flag: string; instead: string }>({
    severity: 'warning',
    message: (p) => `${p.flag} is deprecated`,
    hint: (p) => `use ${p.instead}`,
  }),
  'cli.ignored-flag': entry<{ flag: string; why: string }>({
    severity: 'warning',
    message: (p) => `${p.flag} has no effect: ${p.why}`,
  }),
  'cli.bad-variable': entry<{ name: string; value: string; allowed: string }>({
    severity: 'error',
    message: (p) => `environment variable ${p.name} is "${p.value}"`,
    hint: (p) => `allowed: ${p.allowed}`,
  }),
  'cli.not-yet': entry<{ what: string; instead?: string | undefined }>({
    severity: 'error',
    message: (p) => `${p.what} is not available yet in tscompose`,
    hint: (p) => p.instead,
  }),
  'cli.unknown-service': entry<{ service: string; known: readonly string[]; nearest?: string | undefined }>({
    severity: 'error',
    message: (p) => `no such service: ${p.service}`,
    hint: (p) =>
      p.nearest
        ? `did you mean "${p.nearest}"?`
        : p.known.length === 0
          ? 'this project has no services'
          : `the services are ${quoted(p.known)}`,
  }),
  'cli.not-running': entry<{ service: string; index?: number | undefined }>({
    severity: 'error',
    message: (p) => `service "${p.service}" is not running${p.index ? ` container #${p.index}` : ''}`,
    hint: (p) => `start it: tscompose up -d ${p.service}`,
  }),
  'cli.copy-direction': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: () => 'one side is SERVICE:PATH, the other a path of this machine or "-"',
  }),
  'cli.no-such-container': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `no container or service "${p.name}"`,
    hint: () => '"tscompose ps -a" lists the containers of this project',
  }),
  'cli.no-port': entry<{ port: string; container: string; published: string }>({
    severity: 'error',
    message: (p) => `no port ${p.port} for container ${p.container}`,
    hint: (p) => (p.published === '' ? 'it publishes no ports' : `it publishes ${p.published}`),
  }),
  'cli.not-a-terminal': entry<{ what: string }>({
    severity: 'error',
    message: (p) => p.what,
    hint: () => 'use -T to run without a terminal',
  }),
  'cli.pull-skipped': entry<{ why: string }>({
    severity: 'info',
    message: (p) => p.why,
  }),
  'cli.must-be-built': entry<{ services: readonly string[] }>({
    severity: 'warning',
    message: (p) => `some images must be built: ${p.services.join(', ')}`,
    hint: (p) => `run "tscompose build ${p.services.join(' ')}"`,
  }),
  'cli.nothing-to-push': entry<{ reference: string }>({
    severity: 'error',
    message: (p) => `no local image has a name in "${p.reference}"`,
    hint: () => '"tscompose image ls" lists the images',
  }),
  'cli.no-credentials': entry<{ what: string; instead: string }>({
    severity: 'error',
    message: (p) => `there is no ${p.what}, and no terminal to ask for it`,
    hint: (p) => p.instead,
  }),
  'cli.stored-password': entry<{ place: string }>({
    severity: 'warning',
    message: (p) => `the password is stored in "${p.place}" as it is, readable for you and root`,
    hint: () => 'a credential helper keeps it better: set "credsStore" in that file',
  }),
  'cli.password-visible': entry<object>({
    severity: 'warning',
    message: () => 'a password on the command line is visible to every user of this machine',
    hint: () => 'use --password-stdin',
  }),
  'cli.archive-to-terminal': entry<{ what: string }>({
    severity: 'error',
    message: (p) => `${p.what} would be written to the terminal`,
    hint: () => 'send it to a file or another command: > data.tar',
  }),
  'cli.bad-template': entry<{ template: string; part: string; fields: readonly string[] }>({
    severity: 'error',
    message: (p) => `template part "${p.part}" of "${p.template}" is not supported`,
    hint: (p) => `fields: ${p.fields.join(', ')}; functions: those of Go templates, json, upper, lower, join, truncate, table`,
  }),
  'cli.waiting-for-lock': entry<{ project: string; pid: number; command: string }>({
    severity: 'info',
    message: (p) => `waiting for another command on project "${p.project}": ${p.command} (pid ${p.pid})`,
  }),
  'cli.fix-failed': entry<{ command: string; status: string; output: string }>({
    severity: 'error',
    message: (p) => `"${p.command}" ended with ${p.status}`,
    hint: (p) => (p.output === '' ? undefined : p.output),
  }),
  'cli.host-not-ready': entry<{ problems: number }>({
    severity: 'error',
    message: (p) => `this machine is not ready: ${p.problems} ${p.problems === 1 ? 'problem' : 'problems'} found`,
    hint: () => '"tscompose doctor --fix" runs the commands shown',
  }),
  'cli.cancelled': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'operation cancelled by user',
    hint: () => 'answer "y", or give --yes',
  }),
  'cli.bad-path': entry<{ path: string; why: string }>({
    severity: 'error',
    message: (p) => `cannot use "${p.path}": ${p.why}`,
  }),
} as const satisfies Catalogue;

export { catalogue as cliCatalogue };

/** Makes a diagnostic of this area. */
export const diagnose = diagnoser(catalogue);
