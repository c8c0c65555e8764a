import { type Catalogue, diagnoser, entry } from '../diagnostics/diagnostic.ts';

const catalogue = {
  // Finding and reading files.
  'load.no-file': entry<{ directory: string }>({
    severity: 'error',
    message: (p) => `no configuration file provided: not found in "${p.directory}" or any parent directory`,
    hint: () => 'create a compose.yaml, or name one with -f',
  }),
  'load.file-not-found': entry<{ path: string; reason: string }>({
    severity: 'error',
    message: (p) => `cannot read "${p.path}": ${p.reason}`,
    hint: () => 'check the path; it is relative to the directory that the command runs in, or to the including file',
  }),
  'load.several-files': entry<{ names: readonly string[]; used: string }>({
    severity: 'warning',
    message: (p) => `found several compose files: ${p.names.join(', ')}; using "${p.used}"`,
  }),
  'load.symlinked-directory': entry<{ used: string; target: string }>({
    severity: 'warning',
    message: (p) => `the project directory is a symbolic link to "${p.target}"; the project is named after the link, "${p.used}"`,
  }),
  'load.env-file-not-found': entry<{ path: string }>({
    severity: 'error',
    message: (p) => `couldn't find env file: ${p.path}`,
  }),
  'load.env-file-syntax': entry<{ path: string; line: number; reason: string }>({
    severity: 'error',
    message: (p) => `failed to read ${p.path}: line ${p.line}: ${p.reason}`,
  }),
  'load.service-env-file-not-found': entry<{ path: string; service: string }>({
    severity: 'error',
    message: (p) => `env file "${p.path}" of service "${p.service}" not found`,
    hint: () => 'create it, or write `required: false` beside its path',
  }),
  'load.label-file-not-found': entry<{ path: string; service: string }>({
    severity: 'error',
    message: (p) => `label file "${p.path}" of service "${p.service}" not found`,
  }),
  'load.env-file-format': entry<{ format: string }>({
    severity: 'error',
    message: (p) => `unsupported env_file format "${p.format}"`,
    hint: () => 'leave `format` out, or write `format: raw`',
  }),
  'load.boolean-variable': entry<{ name: string; value: string }>({
    severity: 'error',
    message: (p) => `environment variable ${p.name} must be true or false, not "${p.value}"`,
  }),
  'load.remote': entry<{ reference: string }>({
    severity: 'error',
    message: (p) => `remote definition "${p.reference}" cannot be loaded here`,
    hint: () => 'fetch it first and name the local copy',
  }),
  'load.remote-failed': entry<{ reference: string; reason: string; advice: string | undefined }>({
    severity: 'error',
    message: (p) => `definition "${p.reference}" cannot be fetched: ${p.reason}`,
    hint: (p) => p.advice,
  }),
  'load.project-name': entry<{ name: string }>({
    severity: 'error',
    message: (p) =>
      `invalid project name "${p.name}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  }),
  'load.project-name-empty': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'project name must not be empty',
    hint: () => 'write `name:` at the top of the compose file, or use -p',
  }),
  'load.empty': entry<Record<string, never>>({ severity: 'error', message: () => 'empty compose file' }),

  // YAML.
  'load.yaml-syntax': entry<{ reason: string; hint: string | undefined }>({
    severity: 'error',
    message: (p) => `YAML: ${p.reason}`,
    hint: (p) => p.hint,
  }),
  'load.not-text': entry<{ reason: string }>({ severity: 'error', message: (p) => `not a text file: ${p.reason}` }),
  'load.duplicate-key': entry<{ key: string; line: number }>({
    severity: 'error',
    message: (p) => `mapping key "${p.key}" already defined at line ${p.line}`,
  }),
  'load.key-not-text': entry<{ key: string }>({
    severity: 'error',
    message: (p) => `non-string key: ${p.key}`,
    hint: (p) => `quote it: "${p.key}"`,
  }),
  'load.merge-value': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'map merge requires map or sequence of maps as the value',
    hint: () => '`<<` takes a mapping, an alias of one, or a list of those',
  }),
  'load.unknown-anchor': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `unknown anchor "${p.name}"`,
    hint: (p) => `define it earlier in the same document with &${p.name}`,
  }),
  'load.alias-cycle': entry<{ name: string }>({
    severity: 'error',
    message: (p) => `cycle detected: alias "${p.name}" stands inside its own anchor`,
  }),
  'load.too-large': entry<{ what: string }>({ severity: 'error', message: (p) => `file refused: ${p.what}` }),
  'load.not-a-mapping': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'top-level object must be a mapping',
  }),
  'load.include-not-list': entry<Record<string, never>>({
    severity: 'error',
    message: () => '"include" must be a list',
  }),
  'load.include-item': entry<Record<string, never>>({
    severity: 'error',
    message: () => 'an "include" item must be a path, or a mapping with "path"',
  }),
  'load.include-cycle': entry<{ files: readonly string[] }>({
    severity: 'error',
    message: (p) => `include cycle detected: ${p.files.join(' includes ')}`,
  }),
  'load.extends-form': entry<{ service: string }>({
    severity: 'error',
    message: (p) => `extends.${p.service}.service is required`,
  }),
  'load.extends-unknown': entry<{ service: string; base: string; file: string; suggestion: string | undefined }>({
    severity: 'error',
    message: (p) => `cannot extend service "${p.service}": service "${p.base}" not found in ${p.file}`,
    hint: (p) => (p.suggestion === undefined ? undefined : `did you mean "${p.suggestion}"?`),
  }),
  'load.extends-depth': entry<{ limit: number }>({
    severity: 'error',
    message: (p) => `a chain of "extends" is longer than ${p.limit} services`,
  }),
  'load.extends-cycle': entry<{ chain: readonly string[] }>({
    severity: 'error',
    message: (p) => `Circular reference: ${p.chain.join(' extends ')}`,
  }),
  'load.cannot-override': entry<{ path: string }>({
    severity: 'error',
    message: (p) => `cannot override ${p.path}: the two definitions have different forms (mapping, list, scalar)`,
    hint: () => 'write both in the same form, or replace it with the `!override` tag',
  }),
  'load.list-item-type': entry<{ path: string; found: string }>({
    severity: 'error',
    message: (p) => `${p.path}: unexpected type ${p.found}, must be a string`,
  }),
  'load.missing-target': entry<{ path: string; what: string }>({
    severity: 'error',
    message: (p) => `${p.path} is missing a ${p.what}`,
  }),
  'load.obsolete-version': entry<{ file: string }>({
    severity: 'warning',
    message: (p) =>
      `${p.file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
  }),
  'load.external-name': entry<{ path: string }>({
    severity: 'warning',
    message: (p) => `${p.path}: external.name is deprecated. Please set name and external: true`,
  }),
  'load.schema': entry<{ path: string; reason: string; hint: string | undefined }>({
    severity: 'error',
    message: (p) => `${p.path} ${p.reason}`,
    hint: (p) => p.hint,
  }),
  'load.short-form': entry<{ path: string; reason: string; hint?: string }>({
    severity: 'error',
    message: (p) => `${p.path}: ${p.reason}`,
    hint: (p) => p.hint,
  }),
  'load.value': entry<{ path: string; reason: string }>({ severity: 'error', message: (p) => `${p.path}: ${p.reason}` }),

  // Interpolation.
  'interpolate.unset': entry<{ name: string }>({
    severity: 'warning',
    message: (p) => `The "${p.name}" variable is not set. Defaulting to a blank string.`,
  }),
  'interpolate.required': entry<{ path: string; variable: string; reason: string }>({
    severity: 'error',
    message: (p) => `${p.path}: required variable ${p.variable} is missing a value${p.reason === '' ? '' : `: ${p.reason}`}`,
    hint: (p) => `set ${p.variable} in the environment or in .env`,
  }),
  'interpolate.invalid': entry<{ path: string; text: string }>({
    severity: 'error',
    message: (p) => `${p.path}: invalid interpolation format "${p.text}"`,
    hint: () => 'you may need to escape any $ with another $',
  }),
  'interpolate.too-long': entry<{ path: string; limit: number }>({
    severity: 'error',
    message: (p) => `the value of ${p.path} is longer than ${p.limit} characters after interpolation`,
  }),
  'interpolate.cast': entry<{ path: string; text: string; type: string }>({
    severity: 'error',
    message: (p) => `${p.path}: "${p.text}" is not ${p.type}`,
  }),
  'interpolate.yaml11-boolean': entry<{ path: string; text: string }>({
    severity: 'warning',
    message: (p) => `${p.path}: "${p.text}" is not a boolean in YAML 1.2; write true or false`,
  }),

  // The model as a whole.
  'model.service': entry<{ service: string; reason: string; hint?: string }>({
    severity: 'error',
    message: (p) => `service "${p.service}" ${p.reason}`,
    hint: (p) => p.hint,
  }),
  'model.undefined': entry<{ service: string; kind: string; name: string; suggestion: string | undefined }>({
    severity: 'error',
    message: (p) => `service "${p.service}" refers to undefined ${p.kind} "${p.name}"`,
    hint: (p) =>
      p.suggestion === undefined ? `declare it under the top-level \`${p.kind}s:\`` : `did you mean "${p.suggestion}"?`,
  }),
  'model.undefined-service': entry<{
    service: string;
    name: string;
    suggestion: string | undefined;
    profiles: readonly string[];
  }>({
    severity: 'error',
    message: (p) => `service "${p.service}" depends on undefined service "${p.name}"`,
    hint: (p) => {
      if (p.profiles.length > 0) return `it is in profile "${p.profiles.join('", "')}", which is not active`;
      return p.suggestion === undefined ? undefined : `did you mean "${p.suggestion}"?`;
    },
  }),
  'model.cycle': entry<{ chain: readonly string[] }>({
    severity: 'error',
    message: (p) => `dependency cycle detected: ${p.chain.join(' -> ')}`,
  }),
  'model.conflict': entry<{ path: string; reason: string }>({ severity: 'error', message: (p) => `${p.path}: ${p.reason}` }),
  'model.no-such-service': entry<{ name: string; suggestion: string | undefined }>({
    severity: 'error',
    message: (p) => `no such service: ${p.name}`,
    hint: (p) => (p.suggestion === undefined ? undefined : `did you mean "${p.suggestion}"?`),
  }),
  'model.container-name': entry<{ name: string; first: string; second: string }>({
    severity: 'error',
    message: (p) => `services "${p.first}" and "${p.second}" have the same container_name "${p.name}"`,
  }),
} as const satisfies Catalogue;

export const diagnose = diagnoser(catalogue);
