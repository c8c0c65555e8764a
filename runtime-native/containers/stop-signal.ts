import { signalNumber } from '../bundle/signals.ts';
import type { ContainerRow } from './container-rows.ts';

const sigterm = 15;

/** Number of the signal that asks a container to end: the service's, the image's, or SIGTERM. */
export function stopSignalOf({ stored }: ContainerRow): number {
  return signalNumber(stored.spec.service.stop_signal || stored.image.config.StopSignal || '') ?? sigterm;
}
