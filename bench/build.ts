import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDocker } from './lib/docker-daemon.ts';
import { median } from './lib/median.ts';
import { timed } from './lib/timed.ts';

const usage = `bin/node bench/build.ts --context DIR --changed FILE [--runs N] [--docker BASE]
Builds the Dockerfile of DIR three ways: cold (without cache), warm (again), and after a line was added to FILE (below DIR).
--docker  also with "docker build", against a dockerd that the benchmark starts; BASE is the image that the Dockerfile begins with:
          it is taken from the store of TSCOMPOSE_ROOT
`;

interface Builder {
  readonly name: string;
  readonly context: string;
  /** Milliseconds of one build. */
  readonly build: (options: { readonly noCache: boolean }) => Promise<number>;
}

const repository = join(import.meta.dirname, '..');
const program = join(repository, 'bin/tscompose');

/** Prints medians in milliseconds. Builders take turns, each on a copy of the context of its own: the machine's moods hit both. */
async function bench(options: { context: string; changed: string; runs: number; docker: string | undefined }): Promise<void> {
  const directory = mkdtempSync('/tmp/tsc-bench-build-');
  try {
    const own = join(directory, 'own');
    await cp(options.context, own, { recursive: true });
    writeFileSync(join(directory, 'compose.yaml'), 'name: bench\nservices: {app: {image: "bench/app:1", build: ./own}}\n');
    const here: Builder = { name: 'tscompose', context: own, build: (how) => buildHere(directory, how) };
    if (options.docker === undefined) return await measure([here], options);
    await using daemon = await startDocker(join(directory, 'd'), { withNetwork: true });
    const theirs = join(directory, 'theirs');
    await cp(options.context, theirs, { recursive: true });
    const archive = join(directory, 'base.tar');
    const common = { cwd: directory, timeoutMs: 600_000 };
    await timed({ ...common, argv: [program, 'image', 'save', '-o', archive, options.docker], env: process.env });
    await timed({ ...common, argv: ['docker', 'load', '-i', archive], env: daemon.env });
    const build: Builder['build'] = ({ noCache }) => {
      const flags = ['-q', '--network', 'host', ...(noCache ? ['--no-cache'] : [])];
      return timed({ ...common, argv: ['docker', 'build', ...flags, '-t', 'bench/app:1', theirs], env: daemon.env });
    };
    await measure([here, { name: 'docker', context: theirs, build }], options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function buildHere(directory: string, { noCache }: { readonly noCache: boolean }): Promise<number> {
  const argv = [program, 'build', '--quiet', ...(noCache ? ['--no-cache'] : [])];
  return timed({ argv, cwd: directory, env: process.env, timeoutMs: 600_000 });
}

const warmBuilds = 5;

async function measure(
  builders: readonly Builder[],
  options: { readonly changed: string; readonly runs: number },
): Promise<void> {
  const times = builders.map(() => ({ cold: [] as number[], warm: [] as number[], changed: [] as number[] }));
  for (let run = 0; run < options.runs; run++) {
    for (const [index, builder] of builders.entries()) times[index]?.cold.push(await builder.build({ noCache: true }));
    for (let warm = 0; warm < warmBuilds; warm++) {
      for (const [index, builder] of builders.entries()) times[index]?.warm.push(await builder.build({ noCache: false }));
    }
    for (const [index, builder] of builders.entries()) {
      appendFileSync(join(builder.context, options.changed), `\n// ${run}\n`);
      times[index]?.changed.push(await builder.build({ noCache: false }));
    }
  }
  for (const [index, { name }] of builders.entries()) {
    const columns = Object.entries(times[index] ?? {}).map(([what, list]) => `${what} ${Math.round(median(list))} ms`);
    console.log(`${name}: ${columns.join(', ')}`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      context: { type: 'string' },
      changed: { type: 'string' },
      runs: { type: 'string', default: '3' },
      docker: { type: 'string' },
    },
  });
  if (values.context === undefined || values.changed === undefined) {
    console.error(usage);
    process.exitCode = 1;
  } else await bench({ context: values.context, changed: values.changed, runs: Number(values.runs), docker: values.docker });
}
