import type { ObservedContainer } from '../../observe/observed.ts';
import { type Exposure, reachOf } from '../exposure.ts';

/** Published ports of running containers as the exposure report has them. */
export function memoryExposure(containers: readonly ObservedContainer[]): readonly Exposure[] {
  return containers
    .filter((one) => one.state === 'running' || one.state === 'paused')
    .flatMap(({ project, service, name, ports }) =>
      ports.flatMap(({ hostIp, hostPort, containerPort, protocol }): readonly Exposure[] => {
        if (hostPort === undefined) return [];
        const reach = reachOf(hostIp);
        const address = reach === 'any' ? '*' : hostIp;
        const own = { project, service, container: name, address, port: hostPort, protocol, containerPort };
        return [{ ...own, reach, through: 'address-translation' }];
      }),
    );
}
