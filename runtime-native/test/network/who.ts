import type { Service } from '#core/model/project.ts';

/** A service that answers `GET /cgi-bin/who` with its host name and the address that it is asked from. */
export function whoService(more: Partial<Service> = {}): Partial<Service> {
  const script =
    'mkdir -p /www/cgi-bin && printf \'#!/bin/sh\\nprintf "Content-Type: text/plain\\r\\n\\r\\n"; echo "$(hostname) $REMOTE_ADDR"\\n\' > /www/cgi-bin/who';
  return { command: ['sh', '-c', `${script} && chmod +x /www/cgi-bin/who && exec httpd -f -p 80 -h /www`], init: false, ...more };
}

export const who = (address: string, port: number): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}/cgi-bin/who`;

/** Waits until pages answer, a minute at most. */
export async function untilServed(fetch: () => Promise<readonly string[]>): Promise<void> {
  let texts: readonly string[] = [];
  const isServed = async () => {
    texts = await fetch();
    return texts.every((one) => !one.startsWith('error'));
  };
  await until(isServed, () => `nobody serves the page: ${texts.join(', ')}`);
}

/** Waits until a condition holds, for as long as a slow machine may need (a minute). */
export async function until(holds: () => Promise<boolean>, otherwise: string | (() => string)): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(typeof otherwise === 'string' ? otherwise : otherwise());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
