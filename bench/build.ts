import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  /** Milliseconds of one build. */
  readonly build: (options: { readonly noCache: boolean }) => Promise<number>;
}

const repository = join(import.meta.dirname, '..');
const program = join(repository, 'bin/tscompose');

/** Prints medians in milliseconds; each builder works on a copy of the context of its own. */
async function bench(options: { context: string; changed: string; runs: number; docker: string | undefined }): Promise<void> {
  const directory = mkdtempSync('/tmp/tsc-bench-build-');
  try {
    const own = join(directory, 'own');
    await cp(options.context, own, { recursive: true });
    writeFileSync(join(directory, 'compose.yaml'), 'name: bench\nservices: {app: {image: "bench/app:1", build: ./own}}\n');
    await measure({ ...options, directory: own, builder: { name: 'tscompose', build: (how) => buildHere(directory, how) } });
    if (options.docker === undefined) return;
    await using daemon = await startDocker(join(directory, 'd'), { withNetwork: true });
    const theirs = join(directory, 'theirs');
    await cp(options.context, theirs, { recursive: true });
    const archive = join(directory, 'base.tar');
    await timed({
      argv: [program, 'image', 'save', '-o', archive, options.docker],
      cwd: directory,
      env: process.env,
      timeoutMs: 600_000,
    });
    await timed({ argv: ['docker', 'load', '-i', archive], cwd: directory, env: daemon.env });
    const build = ({ noCache }: { readonly noCache: boolean }): Promise<number> =>
      timed({
        argv: ['docker', 'build', '-q', '--network', 'host', ...(noCache ? ['--no-cache'] : []), '-t', 'bench/app:1', theirs],
        cwd: directory,
        env: daemon.env,
        timeoutMs: 600_000,
      });
    await measure({ ...options, directory: theirs, builder: { name: 'docker', build } });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function buildHere(directory: string, { noCache }: { readonly noCache: boolean }): Promise<number> {
  const argv = [program, 'build', '--quiet', ...(noCache ? ['--no-cache'] : [])];
  return timed({ argv, cwd: directory, env: process.env, timeoutMs: 600_000 });
}

async function measure(request: { builder: Builder; directory: string; changed: string; runs: number }): Promise<void> {
  const { builder, runs } = request;
  const file = join(request.directory, request.changed);
  const text = readFileSync(file, 'utf8');
  const times = { cold: [] as number[], warm: [] as number[], changed: [] as number[] };
  for (let run = 0; run < runs; run++) {
    times.cold.push(await builder.build({ noCache: true }));
    times.warm.push(await builder.build({ noCache: false }));
    appendFileSync(file, `\n// ${run}\n`);
    times.changed.push(await builder.build({ noCache: false }));
    writeFileSync(file, text);
    await builder.build({ noCache: false });
  }
  const columns = Object.entries(times).map(([name, list]) => `${name} ${Math.round(median(list))} ms`);
  console.log(`${builder.name}: ${columns.join(', ')}`);
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
