import { existsSync } from 'node:fs';
import { runProgram } from '../host/run-program.ts';

/**
 * A Docker daemon sets the FORWARD policy to DROP, which also stops traffic of our bridges: a drop in any chain is final.
 * Two rules per bridge in its DOCKER-USER chain let it pass. Nothing is run where no Docker bridge exists.
 */
export async function allowThroughDocker(bridge: string): Promise<void> {
  if (!(await hasDockerChain())) return;
  for (const rule of rulesOf(bridge)) {
    const isThere = await succeeds(['iptables', '-w', '-C', 'DOCKER-USER', ...rule]);
    if (!isThere) await runProgram({ argv: ['iptables', '-w', '-I', 'DOCKER-USER', ...rule] });
  }
}

/** Takes the rules of a removed bridge out again. */
export async function forgetInDocker(bridge: string): Promise<void> {
  if (!(await hasDockerChain())) return;
  for (const rule of rulesOf(bridge)) await succeeds(['iptables', '-w', '-D', 'DOCKER-USER', ...rule]);
}

function rulesOf(bridge: string): readonly (readonly string[])[] {
  return [
    ['-i', bridge, '-j', 'ACCEPT'],
    ['-o', bridge, '-j', 'ACCEPT'],
  ];
}

async function hasDockerChain(): Promise<boolean> {
  return existsSync('/sys/class/net/docker0') && (await succeeds(['iptables', '-w', '-n', '-L', 'DOCKER-USER']));
}

async function succeeds(argv: readonly [string, ...string[]]): Promise<boolean> {
  return runProgram({ argv }).then(
    () => true,
    () => false,
  );
}
