/**
 * How long loading takes: synthetic projects of growing size, and the largest case of the conformance data where it is present.
 * `bin/node bench/load.ts` prints medians; the budget is 1.5 s for 1,000 services, growing linearly.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProject } from '#core/load/load-project.ts';

const sizes = [1, 10, 100, 250, 500, 1000];
const runs = 5;

export interface Measurement {
  readonly what: string;
  readonly services: number;
  readonly kilobytes: number;
  /** Median of several runs in one process, after a first one. */
  readonly ms: number;
}

/** Measures loading in this process. */
export async function measureLoading(): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tsc-bench-'));
  try {
    const results: Measurement[] = [];
    for (const count of sizes) {
      const text = synthetic(count);
      writeFileSync(join(directory, 'compose.yaml'), text);
      results.push({ what: 'synthetic', services: count, kilobytes: text.length / 1024, ms: await median(directory, {}, []) });
    }
    const largest = largestCase();
    if (largest !== undefined) results.push(await measureCase(largest, join(directory, 'case')));
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A project whose services look like those people write: some 25 values each. */
function synthetic(count: number): string {
  const services = Array.from({ length: count }, (_, at) => {
    const dependency = at === 0 ? '' : `    depends_on:\n      s${at - 1}:\n        condition: service_healthy\n`;
    return `  s${at}:
    image: registry.example.com/team/app:\${TAG:-1.0}
    command: ["serve", "--port", "80"]
    environment:
      A: "1"
      B: \${B:-x}
      URL: http://s${(at + 1) % count}:80/
    ports:
      - "${10_000 + at}:80"
    volumes:
      - data${at % 10}:/data
      - ./conf:/etc/conf:ro
    healthcheck:
      test: curl -f http://localhost/
      interval: 10s
${dependency}    deploy:
      resources:
        limits:
          memory: 64m
    labels:
      - a=b
    restart: unless-stopped
    networks: [front, back]
`;
  });
  const volumes = Array.from({ length: 10 }, (_, at) => `  data${at}:\n`);
  return `services:\n${services.join('')}networks:\n  front:\n  back:\nvolumes:\n${volumes.join('')}`;
}

async function median(cwd: string, env: Readonly<Record<string, string>>, files: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    await loadProject({ cwd, env, files, envFiles: [], profiles: [], services: [] });
    if (run > 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

function largestCase(): string | undefined {
  const root = join(
    process.env['TSCOMPOSE_CONFORMANCE'] ?? new URL('../../shared/conformance', import.meta.url).pathname,
    'config',
  );
  if (!existsSync(root)) return undefined;
  const size = (id: string) => statSync(join(root, id, 'expect.json'), { throwIfNoEntry: false })?.size ?? 0;
  const [largest] = readdirSync(root).sort((a, b) => size(b) - size(a));
  return largest === undefined ? undefined : join(root, largest);
}

async function measureCase(source: string, target: string): Promise<Measurement> {
  mkdirSync(target);
  cpSync(join(source, 'project'), target, { recursive: true });
  const { env, files } = JSON.parse(readFileSync(join(source, 'case.json'), 'utf8'));
  const { project } = await loadProject({ cwd: target, env, files, envFiles: [], profiles: [], services: [] });
  const kilobytes = files.reduce((sum: number, file: string) => sum + statSync(join(target, file)).size, 0) / 1024;
  const what = 'largest conformance case';
  return { what, services: Object.keys(project.services).length, kilobytes, ms: await median(target, env, files) };
}

if (import.meta.main) {
  console.log('what                      services       KB        ms   ms/service');
  for (const { what, services, kilobytes, ms } of await measureLoading()) {
    const cells = [
      String(services).padStart(9),
      kilobytes.toFixed(0).padStart(9),
      ms.toFixed(1).padStart(10),
      (ms / services).toFixed(2).padStart(13),
    ];
    console.log(what.padEnd(25) + cells.join(''));
  }
}
