/** The page: change the words and reload. */
export function page({ name, visits }) {
  return `<h1>Hello from ${name}</h1><p>You are visitor ${visits}.</p>\n`;
}
