/** What the demonstration saw of the running guestbook. */
export interface GuestbookProof {
  /** Text of the entry that went to the database and came back. */
  readonly entry: string;
  readonly entryCount: number;
}

/**
 * Asks a running guestbook for its page, writes an entry through the proxy and reads it back from the database.
 * Throws with what was wrong.
 */
export async function proveGuestbook(address: string, entry: string): Promise<GuestbookProof> {
  const page = await request(`${address}/`);
  if (!page.body.includes('<h1 id="title">')) throw new Error(`${address}/ is not the guestbook's page`);
  const posted = await request(`${address}/entries`, new URLSearchParams({ author: 'the demo', text: entry }));
  if (posted.status !== 303) throw new Error(`${address}/entries answers ${posted.status}: ${posted.body}`);
  const list = await request(`${address}/entries.json`);
  const { entries } = JSON.parse(list.body) as { entries: readonly { text: string }[] };
  if (!entries.some(({ text }) => text === entry))
    throw new Error('the entry that was written is not among those that were read');
  return { entry, entryCount: entries.length };
}

async function request(url: string, form?: URLSearchParams): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  }).catch((error: unknown) => {
    throw new Error(`${url} does not answer: ${String((error as Error).cause ?? error)}`);
  });
  const body = await response.text();
  if (response.status >= 400) throw new Error(`${url} answers ${response.status}: ${body.slice(0, 200)}`);
  return { status: response.status, body };
}
