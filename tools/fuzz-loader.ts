// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like placeholders.
/**
 * Feeds damaged compose files, templates and env files to the loader, for a bounded time: `bin/node tools/fuzz-loader.ts [seconds] [seed]`.
 * Whatever the input, loading must end with a project or a `TscomposeError`, soon. Prints the input that breaks this and exits with 1.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { printDiagnostic } from '#core/diagnostics/print.ts';
import { parseDotenv, parseRawEnv } from '#core/load/dotenv.ts';
import { loadProject } from '#core/load/load-project.ts';
import { renderJson, renderYaml } from '#core/load/render/render-project.ts';
import { shellWords } from '#core/load/shell-words.ts';
import { expandTemplate, templateVariables } from '#core/load/template.ts';

/** Far more than any of these inputs takes on a busy machine. */
const slowMs = 20_000;

const seeds: readonly string[] = [
  'name: x\nservices:\n  web: &web\n    image: "nginx:${TAG:-1}"\n    ports: ["80", "8080-8081:80-81/udp", {target: 1, published: 2}]\n    environment: [A=1, B]\n    volumes: ["./x:/y:ro", "data:/d", {type: tmpfs, target: /t, tmpfs: {size: 1k}}]\n    depends_on: {db: {condition: service_healthy}}\n    healthcheck: {test: curl x, interval: 90s}\n    deploy: {resources: {limits: {memory: 64m}}}\n  db:\n    <<: *web\n    depends_on: !reset []\n    command: echo "a b" | c\n    extends: {service: web}\nvolumes: {data: {external: {name: v}}}\n',
  'services:\n  a:\n    build: {context: ., args: {A: }, ssh: [default]}\n    secrets: [s]\n    configs: [{source: c, mode: 0440}]\n    ulimits: {nofile: {soft: 1, hard: 2}}\n    extra_hosts: ["a=1", "b:::1"]\n    networks: {n: {aliases: [x]}}\nnetworks: {n: {ipam: {config: [{subnet: 1.2.3.0/24}]}}}\nsecrets: {s: {environment: S}}\nconfigs: {c: {content: "x\\ny"}}\n---\nservices: {a: {ports: !override [1]}}\n',
  '# c\nexport A="x\\n${B:-y}" # d\nB: \'q\'\nC\nD=$A-$$\n',
  '${A:-${B:?x}} $$ $C ${D:+{"a":1}} ${E?}',
];

const pieces = [
  '\n',
  '  ',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: ',
  '!reset ',
  '!override ',
  '|',
  '>',
  '#',
  '\t',
  '$',
  '${',
  ':-',
  '\0',
  '\\',
  '---\n',
  '? ',
  '😀',
  '\u2028',
  '\r',
  '0x',
  '1e999',
  '-',
  '~',
  'null',
  '%',
  '@',
  '`',
  '=',
  ',',
];

/** A small generator of numbers that gives the same sequence for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function damaged(text: string, random: (below: number) => number): string {
  let result = text;
  for (let count = 1 + random(6); count > 0; count--) {
    const at = random(result.length + 1);
    const piece = pieces[random(pieces.length)] ?? '';
    const kind = random(4);
    if (kind === 0) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 1) result = result.slice(0, at) + result.slice(at + 1 + random(8));
    else if (kind === 2) result = result.slice(0, at) + piece.repeat(1 + random(50)) + result.slice(at);
    else {
      const from = random(result.length + 1);
      result = result.slice(0, at) + result.slice(from, from + random(40)) + result.slice(at);
    }
  }
  return result;
}

async function tryInput(text: string, directory: string): Promise<void> {
  const lookup = (name: string) => (name === 'A' ? 'value' : undefined);
  expandTemplate(text, { lookup });
  templateVariables(text);
  parseDotenv(text, { lookup });
  parseRawEnv(text, { lookup });
  shellWords(text);
  writeFileSync(join(directory, 'compose.yaml'), text);
  try {
    const request = { cwd: directory, env: { A: 'value' }, files: [], envFiles: [], profiles: ['*'], services: [] };
    const { project } = await loadProject(request);
    renderYaml(project);
    renderJson(project);
  } catch (error) {
    if (!(error instanceof TscomposeError)) throw error;
    for (const diagnostic of error.diagnostics) printDiagnostic(diagnostic, { color: false });
  }
}

export async function fuzz(options: {
  readonly seconds: number;
  /** Goes on beyond the time until so many inputs have been tried. */
  readonly atLeast?: number;
  readonly seed: number;
}): Promise<{ inputs: number; failure?: string }> {
  const random = randomFrom(options.seed);
  const directory = mkdtempSync(join(tmpdir(), 'tsc-fuzz-'));
  const end = performance.now() + options.seconds * 1000;
  let inputs = 0;
  try {
    while (performance.now() < end || inputs < (options.atLeast ?? 0)) {
      const text = damaged(seeds[random(seeds.length)] ?? '', random);
      const start = performance.now();
      try {
        await tryInput(text, directory);
      } catch (error) {
        return { inputs, failure: `${(error as Error).stack}\ninput: ${JSON.stringify(text)}` };
      }
      const took = performance.now() - start;
      if (took > slowMs) return { inputs, failure: `took ${took.toFixed(0)} ms\ninput: ${JSON.stringify(text)}` };
      inputs++;
    }
    return { inputs };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [seconds = '20', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
  const result = await fuzz({ seconds: Number(seconds), seed: Number(seed) });
  if (result.failure === undefined) console.log(`${result.inputs} damaged inputs, all loaded or refused (seed ${seed})`);
  else {
    console.error(`seed ${seed}, after ${result.inputs} inputs: ${result.failure}`);
    process.exitCode = 1;
  }
}
