import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryEngine } from '#core/engine/memory-engine.ts';
import { type CliOptions, cli } from './harness.ts';

/** A mistake, and what must be said of it. */
interface Case {
  readonly code: string;
  readonly argv: readonly string[];
  /** The compose file. */
  readonly compose?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: CliOptions;
  /** Run before, without a look at what comes out. */
  readonly first?: readonly string[];
  /** Place in the compose file. */
  readonly at?: string;
  /** Part of the hint. */
  readonly hint?: RegExp;
  /** Exit status; 1 for an error. */
  readonly status?: number;
}

const plain = 'services: { web: { image: one } }\n';

const cases: readonly Case[] = [
  { code: 'cli.unknown-command', argv: ['upp'], hint: /did you mean "up"/ },
  { code: 'cli.not-yet', argv: ['publish', 'x'] },
  { code: 'cli.no-dry-run', argv: ['--dry-run', 'cp', 'web:/a', 'b'], hint: /leave --dry-run out/ },
  { code: 'cli.bad-variable', argv: ['ps'], options: { env: { COMPOSE_ANSI: 'some' } }, hint: /never, always, auto/ },
  { code: 'cli.copy-direction', argv: ['cp', 'a', 'b'], hint: /SERVICE:PATH/ },
  { code: 'cli.bad-path', argv: ['config', '-o', '/no/such/directory/file'] },
  { code: 'cli.enable-stdin', argv: ['-f', '-', 'enable', '--print'], options: { stdin: plain }, hint: /write it to a file/ },
  { code: 'cli.archive-to-terminal', argv: ['volume', 'export', 'data'], options: { stdoutIsTerminal: true } },
  { code: 'cli.no-such-container', argv: ['inspect', 'nobody'], hint: /tscompose ps/ },
  { code: 'cli.not-running', argv: ['exec', '-T', 'web', 'true'], first: ['create'], hint: /up -d web/ },
  { code: 'cli.no-port', argv: ['port', 'web', '80'], first: ['up', '-d'] },
  { code: 'cli.not-a-terminal', argv: ['exec', '-t', 'web', 'sh'], options: { stdoutIsTerminal: true }, hint: /-T/ },
  { code: 'cli.ignored-flag', argv: ['build', '--builder', 'x'], status: 0 },
  {
    code: 'interpolate.required',
    argv: ['config', '-q'],
    compose: `services:\n  web:\n    image: \${TAG?say which}\n`,
    at: '3:12',
  },
  {
    code: 'interpolate.unset',
    argv: ['config', '-q'],
    compose: 'services:\n  web:\n    image: one$TAG\n',
    at: '3:12',
    status: 0,
  },
  {
    code: 'load.external-name',
    argv: ['config', '-q'],
    compose: `${plain}networks:\n  n:\n    external: { name: x }\n`,
    at: '4:23',
    status: 0,
  },
  { code: 'load.include-item', argv: ['config', '-q'], compose: `${plain}include:\n  - 5\n`, at: '3:5' },
  { code: 'load.obsolete-version', argv: ['config', '-q'], compose: `version: "3"\n${plain}`, status: 0 },
  { code: 'load.several-files', argv: ['config', '-q'], files: { 'docker-compose.yml': plain }, status: 0 },
];

for (const one of cases) {
  test(`${one.code}: ${one.argv.join(' ')}`, async () => {
    await using app = await cli(memoryEngine({ images: ['one'] }), one.compose ?? plain, one.options);
    for (const [name, text] of Object.entries(one.files ?? {})) await app.write(name, text);
    if (one.first !== undefined) await app.run(...one.first);
    const { status, stderr } = await app.run(...one.argv);
    assert.match(stderr, `[${one.code}]`, stderr);
    assert.is(status, one.status ?? 1, stderr);
    if (one.at !== undefined) assert.match(stderr, `compose.yaml:${one.at}`, stderr);
    if (one.hint !== undefined) assert.match(stderr, one.hint);
  });
}

test.run();
