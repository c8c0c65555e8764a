import { createHash } from 'node:crypto';

/** Uids from here on belong to no user of any machine (Linux reserves nothing there; subordinate ids end far below). */
const firstOwner = 0x4000_0000;

/**
 * Uid that a container's listeners on the loopback interface belong to: the same for the replicas of one service, which
 * may then share a port, and another one for everything else.
 */
export function portOwner(container: {
  readonly instance: string;
  readonly project: string;
  readonly service: string;
  /** Of a one-off container, which shares nothing. */
  readonly id?: string;
}): number {
  const { instance, project, service, id = '' } = container;
  const digest = createHash('sha256').update([instance, project, service, id].join('\0')).digest();
  return firstOwner + (digest.readUInt32BE() & (firstOwner - 1));
}
