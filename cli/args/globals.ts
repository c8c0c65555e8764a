import type { Flags, FlagValues } from './flags.ts';

/** Flags before the command. `--dry-run` and `--help` are accepted after it too. */
export const globalFlags = {
  'all-resources': { type: 'boolean', help: 'Keep networks, volumes, … that no service uses' },
  ansi: { type: 'string', choices: ['never', 'always', 'auto'], help: 'Colours and cursor movement' },
  compatibility: { type: 'boolean', help: 'Separate the parts of container names with "_"' },
  'dry-run': { type: 'boolean', help: 'Show what would be done, change nothing' },
  'env-file': { type: 'list', value: 'file', help: 'Environment file for interpolation, instead of .env' },
  file: { type: 'list', alias: 'f', value: 'file', help: 'Compose file; "-" reads standard input' },
  'insecure-registry': { type: 'list', hidden: true, help: 'Registry without TLS' },
  'no-ansi': { type: 'boolean', hidden: true, help: 'Same as --ansi never' },
  parallel: { type: 'number', default: -1, help: 'Most actions at once; -1 for no limit' },
  profile: { type: 'list', value: 'name', help: 'Profile to enable; "*" enables all' },
  progress: { type: 'string', choices: ['auto', 'tty', 'plain', 'json', 'quiet', 'none'], help: 'Form of the progress output' },
  'project-directory': { type: 'string', value: 'path', help: 'Base of relative paths and place of .env' },
  'project-name': { type: 'string', alias: 'p', value: 'name', help: 'Project name' },
  verbose: { type: 'boolean', hidden: true, spellings: [{ name: 'debug' }], help: 'Show more of what happens' },
  version: { type: 'boolean', alias: 'v', hidden: true, help: 'Same as the command "version"' },
  workdir: { type: 'string', hidden: true, help: 'Same as --project-directory' },
} as const satisfies Flags;

export type Globals = FlagValues<typeof globalFlags>;
