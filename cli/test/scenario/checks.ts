import * as assert from 'uvu/assert';
import type { Check, World } from './world.ts';

/** Repeats a check every 50 ms until it holds; its last failure after `timeoutMs`. */
export function eventually(check: Check, timeoutMs = 5_000): Check {
  return async (world) => {
    const end = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await check(world);
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
}

/** The checks of scenarios; a new one is added here. They look at state first and at output last. */
export const expect = {
  /** Exit status of the step's command. */
  exit: (status: number): Check =>
    Object.assign((world: World) => assert.is(world.last.status, status, `exit status\n${world.last.stderr}`), {
      aboutStatus: true,
    }),

  /** Every container of the service is in this state, and there is one. */
  state:
    (service: string, state: string): Check =>
    async (world) => {
      const states = (await of(world, service)).map((one) => one.state);
      assert.ok(states.length > 0, `service ${service} has no container`);
      assert.equal([...new Set(states)], [state], `states of ${service}`);
    },

  healthy:
    (service: string): Check =>
    async (world) =>
      assert.equal([...new Set((await of(world, service)).map((one) => one.health))], ['healthy'], `health of ${service}`),

  replicas:
    (service: string, count: number): Check =>
    async (world) =>
      assert.is((await of(world, service)).length, count, `replicas of ${service}`),

  absent: (service: string): Check => expect.replicas(service, 0),

  exitCode:
    (service: string, code: number): Check =>
    async (world) =>
      assert.equal([...new Set((await of(world, service)).map((one) => one.exitCode))], [code], `exit code of ${service}`),

  /** The same containers as before the step. */
  notRecreated:
    (...services: readonly string[]): Check =>
    async (world) => {
      for (const service of services)
        assert.equal(ids(await of(world, service)), ids(before(world, service)), `ids of ${service}`);
    },

  /** None of the containers from before the step. */
  recreated:
    (...services: readonly string[]): Check =>
    async (world) => {
      for (const service of services) {
        const now = ids(await of(world, service));
        assert.ok(now.length > 0, `service ${service} has no container`);
        for (const id of ids(before(world, service))) assert.not.ok(now.includes(id), `${service} was not recreated`);
      }
    },

  /** An exec in a service prints this. */
  inside:
    (service: string, argv: readonly string[], pattern: RegExp): Check =>
    async (world) => {
      const result = await world.run('exec', '-T', service, ...argv);
      assert.match(result.stdout, pattern, `${argv.join(' ')} in ${service}: ${result.stderr}`);
    },

  /** An HTTP answer from the host. */
  http:
    (url: string, pattern: RegExp): Check =>
    async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      assert.match(await response.text(), pattern, url);
    },

  /** Output of the command that ended, or of the one that runs. */
  stdout:
    (pattern: RegExp): Check =>
    (world) =>
      assert.match(output(world).stdout, pattern, `stdout:\n${output(world).stdout}`),

  stderr:
    (pattern: RegExp): Check =>
    (world) =>
      assert.match(output(world).stderr, pattern, `stderr:\n${output(world).stderr}`),

  noOutput:
    (pattern: RegExp): Check =>
    (world) => {
      assert.not.match(output(world).stdout, pattern, 'stdout');
      assert.not.match(output(world).stderr, pattern, 'stderr');
    },
} as const;

async function of(world: World, service: string) {
  return (await world.containers()).filter((one) => one.service === service);
}

function before(world: World, service: string) {
  return world.before.filter((one) => one.service === service);
}

function ids(containers: readonly { readonly id: string }[]): string[] {
  return containers.map((one) => one.id).sort();
}

function output(world: World): { readonly stdout: string; readonly stderr: string } {
  return world.running?.output() ?? world.last;
}
