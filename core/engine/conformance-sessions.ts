import { Writable } from 'node:stream';
import * as assert from 'uvu/assert';
import type { Service } from '../model/project.ts';
import type { ObservedContainer } from '../observe/observed.ts';
import type { Engine } from './engine.ts';
import type { ContainerSpec } from './specs.ts';

/** What the suite lends to its parts. */
export interface ConformanceParts {
  readonly conforms: (name: string, run: (engine: Engine) => Promise<void>) => void;
  readonly spec: (name: string, service: Service, more?: Partial<ContainerSpec>) => ContainerSpec;
  /** The one container that there is. */
  readonly only: (engine: Engine) => Promise<ObservedContainer>;
  readonly rejectsWith: (code: string, call: Promise<unknown>) => Promise<void>;
}

/** The part of the suite about attached processes and the journal. */
export function sessionConformance(parts: ConformanceParts, services: Readonly<Record<'sleeping' | 'exiting', Service>>): void {
  const { conforms, spec, only, rejectsWith } = parts;
  conforms('attach starts a container, shows what it writes and tells its exit code', async (engine) => {
    const { id } = await engine.createContainer(spec('job-1', services.exiting, { oneOff: true, number: 0 }));
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const session = await engine.attach(id, { start: true }, { stdout: sink, stderr: sink });
    assert.equal(await session.ended, { exitCode: 3 });
    assert.is((await only(engine)).state, 'exited');
  });

  conforms('the journal keeps what happened to a container that is gone', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', services.sleeping));
    await engine.startContainer(id);
    await engine.stopContainer(id, {});
    await engine.removeContainer(id, {});
    const entries: string[] = [];
    for await (const entry of engine.journal('conformance', { follow: false })) {
      assert.equal([entry.name, entry.service], ['conformance-web-1', 'web']);
      entries.push(entry.action);
    }
    assert.equal(entries, ['create', 'start', 'kill', 'die', 'stop', 'destroy']);
  });

  conforms('attach leaves a running process alone when it is left', async (engine) => {
    const { id } = await engine.createContainer(spec('web-1', services.sleeping));
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    await rejectsWith('engine.container-not-running', engine.attach(id, { start: false }, { stdout: sink, stderr: sink }));
    await engine.startContainer(id);
    const session = await engine.attach(id, { start: false }, { stdout: sink, stderr: sink });
    session.detach();
    assert.equal(await session.ended, { detached: true });
    assert.is((await only(engine)).state, 'running');
  });
}
