import type { Service } from '#core/model/project.ts';

/** A service that answers `GET /cgi-bin/who` with its host name and the address that it is asked from. */
export function whoService(more: Partial<Service> = {}): Partial<Service> {
  const script =
    'mkdir -p /www/cgi-bin && printf \'#!/bin/sh\\nprintf "Content-Type: text/plain\\r\\n\\r\\n"; echo "$(hostname) $REMOTE_ADDR"\\n\' > /www/cgi-bin/who';
  return { command: ['sh', '-c', `${script} && chmod +x /www/cgi-bin/who && exec httpd -f -p 80 -h /www`], init: false, ...more };
}

export const who = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}/cgi-bin/who`;

/** Waits until a page answers. */
export async function untilServed(fetch: () => Promise<readonly string[]>): Promise<void> {
  await until(async () => (await fetch()).every((one) => !one.startsWith('error')), 'nobody serves the page');
}

/** Waits until a condition holds, for as long as a slow machine may need. */
export async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(otherwise);
}
