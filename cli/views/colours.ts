/** Text between an SGR code (`36`, `1;31`) and the reset; unchanged without colour. */
export function paint(text: string, code: string, isOn: boolean): string {
  return isOn ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Colours of log prefixes in the order in which containers appear (Docker Compose's cycle). */
export const prefixColours: readonly string[] = ['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1'];
