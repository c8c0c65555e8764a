/** The text of an env file. Values stand in single quotes, where nothing else has a meaning of its own. */
export function environmentFile(variables: Readonly<Record<string, string | number | boolean>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    const text = String(value);
    if (/['\\\n\r]/.test(text)) throw new Error(`${name} may have no quote, no backslash and no line break`);
    return /^[\w./:@,+-]*$/.test(text) ? `${name}=${text}` : `${name}='${text}'`;
  });
  return `# Made by prepare.ts.\n${lines.join('\n')}\n`;
}
