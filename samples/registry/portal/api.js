/** Not logged in, or not allowed. */
export class NotAllowed extends Error {}

/** What core answers to a request; throws with its words when it refuses. */
export async function call(method, path, body) {
  const request = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await fetch(path, { method, ...request });
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  let words = `the registry answers ${answer.status}`;
  try {
    words = JSON.parse(text).error;
  } catch {
    // The proxy's own page: a service is away.
  }
  throw [401, 403].includes(answer.status) ? new NotAllowed(words) : new Error(words);
}

/** Where a repository's page and its API are; the slashes of its name stay. */
export const repositoryPath = (name) => name.split('/').map(encodeURIComponent).join('/');
