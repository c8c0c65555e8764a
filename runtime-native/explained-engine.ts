import type { Engine } from '#core/engine/engine.ts';
import type { Paths } from './host/paths.ts';
import { explainStateFailure } from './host/state-failure.ts';

/** The same engine, whose calls reject with a diagnostic where a full, read-only or damaged state directory is the cause. */
export function explainedEngine(engine: Engine, paths: Paths): Engine {
  return new Proxy(engine, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args);
        if (!(result instanceof Promise)) return result; // logs and watch: streams, which only read
        return result.catch((error: unknown) => {
          throw explainStateFailure(error, paths);
        });
      };
    },
  });
}
