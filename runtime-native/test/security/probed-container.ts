import type { Service } from '#core/model/project.ts';
import { containerSpec, type EngineFixture } from '../engine-fixture.ts';
import { compileStatic } from './compile-static.ts';
import { type Confinement, parseConfinement } from './confinement.ts';
import { importHostileImage } from './hostile-image.ts';

/** What holds the first process of a container and one that `exec` adds. */
export interface ProbedContainer {
  readonly first: Confinement;
  readonly added: Confinement;
}

export async function importProbe(fixture: EngineFixture): Promise<string> {
  const entries = [{ name: 'bin/probe', content: compileStatic('confinement-probe.c'), mode: 0o755 }];
  return await importHostileImage(fixture.engine, { reference: 'probe:1', entries });
}

export async function probeContainer(
  fixture: EngineFixture,
  { image, runtime, service = {} }: { readonly image: string; readonly runtime: string; readonly service?: Partial<Service> },
): Promise<ProbedContainer> {
  const { engine } = fixture;
  const run = async (name: string, command: readonly string[]): Promise<string> => {
    const { id } = await engine.createContainer(containerSpec(`${name}-${runtime}`, { ...service, runtime, command }, { image }));
    await engine.startContainer(id);
    return id;
  };
  const first = await run('first', ['/bin/probe']);
  await engine.awaitContainer(first, 'exited');
  const other = await run('other', ['sleep', '1000']);
  const { output } = await fixture.exec(other, ['/bin/probe']);
  return { first: parseConfinement(await fixture.logs(first)), added: parseConfinement(output) };
}
