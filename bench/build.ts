import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { authorities } from '#tools/images/authorities.ts';
import { ensureImages } from '#tools/images/build-images.ts';
import { type Builder, dockerBuilders, giveToDocker, handOut, tscomposeBuilder } from './build/builders.ts';
import { type BuildContext, largeContext, nodeApplication } from './build/contexts.ts';
import { freshBundle } from './lib/bundle.ts';
import { answer, startDocker } from './lib/docker-daemon.ts';
import { median } from './lib/median.ts';
import { type BenchRow, benchTable } from './lib/table.ts';

const usage = `usage: bin/node bench/build.ts [--runs N] [--files N] [--docker]
Builds a Node application (npm ci, 81 packages, 300 source files) and a context of many files: cold (without cache), warm (again), and
after a line was added to one file. Medians of N runs (5) after one that does not count. Needs root and a package registry.
--files   how many files the large context has (50000)
--docker  also with both builders of Docker, against a dockerd that the benchmark starts
`;

const base = 'bench/base:1'; // What tscomposeBuilder calls the image of "base".

interface Options {
  readonly runs: number;
  readonly files: number;
  readonly withDocker: boolean;
}

/** Prints a table of medians. Builders take turns, each on a copy of the context of its own: the machine's moods hit all. */
async function bench({ runs, files, withDocker }: Options): Promise<void> {
  const directory = mkdtempSync('/tmp/tscb-');
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  resources.use(await freshBundle(join(import.meta.dirname, '..')));
  const env = { ...process.env, TSCOMPOSE_ROOT: join(directory, 's') };
  await makeBase(directory, env);
  const builders: Builder[] = [tscomposeBuilder(join(directory, 'own'), env)];
  if (withDocker && (await answer(['dockerd', '--version'])) !== undefined) {
    const daemon = resources.use(await startDocker(join(directory, 'd'), { withNetwork: true }));
    await giveToDocker(base, { home: directory, env, daemon });
    builders.push(...(await dockerBuilders(directory, daemon)));
  } else if (withDocker) process.stderr.write('Docker is not installed: no comparison\n');
  const contexts = [
    ['Node application', 'application', nodeApplication(join(directory, 'application'), base)],
    [`${files} files`, 'large', largeContext(join(directory, 'large'), { base, count: files })],
  ] as const;
  const rows: BenchRow[] = [];
  for (const [what, name, context] of contexts) {
    await handOut(builders, context.directory, name);
    rows.push(...(await measure({ what, name, context, builders, runs })));
  }
  const names = builders.map((one) => one.name);
  process.stdout.write(`${benchTable(names, rows)}\nMedians of ${runs} runs.\n`);
}

/** Node and npm, which trust what this machine trusts. */
async function makeBase(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  await ensureImages(['node'], { env, log: (text) => process.stderr.write(`${text}\n`) });
  const home = join(directory, 'base');
  mkdirSync(home);
  const trusted = authorities(env);
  if (trusted === '') writeFileSync(join(home, 'authorities.pem'), '');
  else copyFileSync(trusted, join(home, 'authorities.pem'));
  const dockerfile = 'FROM tscompose/node:26\nCOPY authorities.pem /etc/ssl/\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/authorities.pem\n';
  writeFileSync(join(home, 'Dockerfile'), dockerfile);
  const own = tscomposeBuilder(directory, env);
  await own.build('base', { isCold: false });
  mkdirSync(join(directory, 'own'));
}

async function measure(request: {
  readonly what: string;
  readonly name: string;
  readonly context: BuildContext;
  readonly builders: readonly Builder[];
  readonly runs: number;
}): Promise<readonly BenchRow[]> {
  const { what, name, context, builders, runs } = request;
  const kinds = ['cold', 'warm', 'one file changed'] as const;
  const samples = new Map(kinds.map((kind) => [kind, new Map(builders.map((one) => [one.name, [] as number[]]))]));
  for (let run = 0; run <= runs; run++) {
    for (const kind of kinds) {
      for (const builder of builders) {
        if (kind === 'one file changed') appendFileSync(join(builder.home, name, context.changed), `// ${run}\n`);
        const ms = await builder.build(name, { isCold: kind === 'cold' });
        process.stderr.write(`${what}, ${kind}, ${builder.name}: ${Math.round(ms)} ms\n`);
        if (run > 0) samples.get(kind)?.get(builder.name)?.push(ms);
      }
    }
  }
  return kinds.map((kind) => ({
    what: `${what}, ${kind}`,
    unit: 'ms',
    values: Object.fromEntries([...(samples.get(kind) ?? [])].map(([builder, list]) => [builder, median(list)])),
  }));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5' },
      files: { type: 'string', default: '50000' },
      docker: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(usage);
  else await bench({ runs: Number(values.runs), files: Number(values.files), withDocker: values.docker });
}
