/** The exec form `["a", "b"]`; undefined: what is no such JSON list is the shell form. */
export function execForm(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((one): one is string => typeof one === 'string') ? value : undefined;
  } catch {
    return undefined; // no JSON: the shell form
  }
}
