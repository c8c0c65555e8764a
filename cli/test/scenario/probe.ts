import * as assert from 'uvu/assert';
import type { Check } from './world.ts';

/** A shell command in the container and what it must print, without the last line feed; a list: one of them. */
export type Probe = readonly [command: string, expected: string | RegExp | readonly string[]];

/** Runs shell commands in a service's container with one `exec`, as the container's own user, and compares what each prints. */
export function probe(service: string, probes: readonly Probe[]): Check {
  return async (world) => {
    const script = probes.map(([command], index) => `echo "=${index}="; (${command}) 2>&1`).join('\n');
    const { stdout, stderr } = await world.run('exec', '-T', service, 'sh', '-c', `${script}\ntrue`);
    for (const [index, [command, expected]] of probes.entries()) {
      const start = stdout.indexOf(`=${index}=\n`);
      assert.ok(start >= 0, `${service}: no answer to ${command}: ${stdout}${stderr}`);
      const end = stdout.indexOf(`=${index + 1}=\n`, start);
      const answer = stdout.slice(start + `=${index}=\n`.length, end === -1 ? undefined : end).replace(/\n$/, '');
      const message = `${service}: ${command}: ${answer}`;
      if (expected instanceof RegExp) assert.match(answer, expected, message);
      else if (typeof expected === 'string') assert.is(answer, expected, message);
      else assert.ok(expected.includes(answer), `${message}, not one of ${expected.join(', ')}`);
    }
  };
}
