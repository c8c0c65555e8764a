import { resolve } from 'node:path';
import { TscomposeError } from '#core/diagnostics/error.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { FileRoot } from '#core/engine/files.ts';
import type { ObservedContainer } from '#core/observe/observed.ts';
import { writeArchive } from '../archive-output.ts';
import { diagnose } from '../args/catalogue.ts';
import { command } from '../args/command.ts';
import type { CommandContext } from '../context.ts';
import { lock } from './flow/change.ts';
import { type CopyPath, copyPath } from './flow/copy.ts';
import { checkServices, projectName } from './flow/model.ts';

export const cp = command({
  name: 'cp',
  summary: 'Copy files between containers and this machine',
  changesAtOnce: true,
  flags: {
    all: { type: 'boolean', help: 'One-off containers too' },
    archive: { type: 'boolean', alias: 'a', help: 'Keep owners' },
    'follow-link': { type: 'boolean', alias: 'L', help: 'Copy what a link at the source leads to' },
    index: { type: 'number', default: 0, min: 0, help: 'Number of the replica' },
  },
  operands: [{ name: 'SERVICE:SRC|SRC|-' }, { name: 'DEST|-|SERVICE:DEST' }],
  examples: [
    { line: 'cp web:/var/log/app.log .', does: 'a file of web, here' },
    { line: 'cp ./site/. web:/srv', does: 'what is in ./site, into every replica of web' },
    { line: 'cp web:/etc - | tar t', does: 'a tar archive on standard output' },
  ],
  async run({ flags, operands, context }) {
    const [from, to] = operands.map((word) => sideOf(word));
    if (from?.service !== undefined && to?.service !== undefined) throw direction('copying between services is not supported');
    const remote = from?.service ?? to?.service;
    if (from === undefined || to === undefined || remote === undefined) throw direction('unknown copy direction');
    const project = await projectName(context);
    const engine = await context.engine();
    const containers = await chosen(engine, { project, service: remote, isSource: from.service !== undefined, ...flags });
    const { signal } = context.interrupts;
    // A container that does not run must not be started meanwhile.
    await using _lock = containers.every((one) => one.state === 'running')
      ? undefined
      : await lock(context, { engine, project, signal });
    for (const container of containers) await copyOne(context, { engine, container, from, to, flags });
    return 0;
  },
});

/** One end of a copy: a path of a service, of this machine, or a stream (`-`). */
interface Side {
  readonly service: string | undefined;
  readonly path: string;
}

/** `web:/x` is of a service; what begins with `/` or `.` is not, whatever it holds. */
function sideOf(word: string): Side {
  const colon = word.indexOf(':');
  if (colon <= 0 || word.startsWith('/') || word.startsWith('.')) return { service: undefined, path: word };
  return { service: word.slice(0, colon), path: word.slice(colon + 1) };
}

/** From a service the first container, to a service all of them; those that do not run too. */
async function chosen(
  engine: Engine,
  wish: {
    readonly project: string;
    readonly service: string;
    readonly isSource: boolean;
    readonly all: boolean;
    readonly index: number;
  },
): Promise<readonly ObservedContainer[]> {
  const everything = await engine.listContainers({ project: wish.project });
  const found = everything
    .filter((one) => one.service === wish.service && (wish.all || !one.oneOff) && (wish.index === 0 || one.number === wish.index))
    .sort((a, b) => Number(a.oneOff) - Number(b.oneOff) || a.number - b.number);
  if (found.length > 0) return wish.isSource ? found.slice(0, 1) : found;
  checkServices(
    [wish.service],
    everything.map((one) => one.service),
  );
  throw new TscomposeError(
    diagnose('cli.no-such-container', { name: wish.index === 0 ? wish.service : `${wish.service}-${wish.index}` }),
  );
}

async function copyOne(
  context: CommandContext,
  request: {
    readonly engine: Engine;
    readonly container: ObservedContainer;
    readonly from: Side;
    readonly to: Side;
    readonly flags: { readonly archive: boolean; readonly 'follow-link': boolean };
  },
): Promise<void> {
  const { engine, container, from, to, flags } = request;
  const { host, output, interrupts } = context;
  const { signal } = interrupts;
  const inside: FileRoot = { container: container.id };
  const place = (side: Side): CopyPath =>
    side.service === undefined
      ? { root: { host: true }, path: local(host.cwd, side.path) }
      : { root: inside, path: side.path.startsWith('/') ? side.path : `/${side.path}` };
  output.note(` Container ${container.name} Copying`);
  if (to.path === '-' && to.service === undefined) {
    const path = place(from).path.replace(/\/\.?$/, '') || '/';
    const as = path === '/' ? '.' : (path.split('/').at(-1) ?? '.');
    await writeArchive({ host, path: undefined, what: 'the archive' }, (stream) =>
      engine.archivePath(inside, { path, as }, stream, signal),
    );
  } else if (from.path === '-' && from.service === undefined) {
    const owner = flags.archive ? {} : { owner: { uid: 0, gid: 0 } };
    await engine.extractArchive(inside, { directory: place(to).path, ...owner }, host.stdin, signal);
  } else {
    const owner = flags.archive ? undefined : to.service === undefined ? invoker() : { uid: 0, gid: 0 };
    await copyPath({ engine, from: place(from), to: place(to), followLink: flags['follow-link'], owner, signal });
  }
  output.note(` Container ${container.name} Copied`);
}

/** Absolute, with its trailing `/` or `/.`, which say something. */
function local(cwd: string, path: string): string {
  const end = /(?:^|\/)\.$/.test(path) ? '/.' : path.endsWith('/') ? '/' : '';
  return `${resolve(cwd, path).replace(/\/$/, '')}${end}`;
}

function invoker(): { readonly uid: number; readonly gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

function direction(problem: string): TscomposeError {
  return new TscomposeError(diagnose('cli.copy-direction', { problem }));
}
