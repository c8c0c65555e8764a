import type { EngineContext } from '../engine-context.ts';

/** Lets another process put things in order when this one is killed in mid-build. */
export interface BuildSuccessor extends AsyncDisposable {
  /** From now on; to be called before something is made that must not stay. */
  readonly arm: () => Promise<void>;
}

/** Builds of this process that are armed, by their engine: they share one successor. */
const armed = new WeakMap<EngineContext, number>();

/** The successor lists the cache, which sweeps what dead builds left (`Engine.listBuildCache`). */
export function buildSuccessor(context: EngineContext): BuildSuccessor {
  const { program } = context;
  let arming: Promise<void> | undefined;
  return {
    arm: () => {
      arming ??= program === undefined ? Promise.resolve() : arm(context, program);
      return arming;
    },
    [Symbol.asyncDispose]: async () => {
      if (arming === undefined || program === undefined) return;
      const left = (armed.get(context) ?? 1) - 1;
      armed.set(context, left);
      if (left === 0) await context.launcher().succeed({ argv: [], env: [] });
    },
  };
}

async function arm(context: EngineContext, program: readonly string[]): Promise<void> {
  const others = armed.get(context) ?? 0;
  armed.set(context, others + 1);
  if (others > 0) return;
  // What finds this state and these programs again, and nothing that may be secret.
  const env = Object.entries(context.env).flatMap(([name, value]) =>
    value !== undefined && /^(?:PATH|HOME|TSCOMPOSE_ROOT|TSCOMPOSE_LIBEXEC)$/.test(name) ? [`${name}=${value}`] : [],
  );
  await context.launcher().succeed({ argv: [...program, 'builder', 'ls'], env });
}
