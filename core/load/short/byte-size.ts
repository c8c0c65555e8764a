const powers = ['', 'k', 'm', 'g', 't', 'p'];

/** Bytes of a text such as `64m`, `1.5GiB` or `-1`; all units are powers of 1024. */
export function parseByteSize(text: string): bigint | { readonly problem: string } {
  if (/^[-+]?[0-9]+$/.test(text)) {
    const bytes = text.length > 80 ? undefined : BigInt(text.replace(/^\+/, ''));
    return bytes === undefined || bytes !== BigInt.asIntN(64, bytes)
      ? { problem: `invalid size: '${text.slice(0, 80)}'` }
      : bytes;
  }
  const match = /^([0-9]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?) ?([a-zA-Z]*)$/.exec(text);
  const amount = Number(match?.[1] || 'x');
  if (match === null || Number.isNaN(amount)) return { problem: `invalid size: '${text}'` };
  const unit = /^([kmgtp])?(?:i?b)?$/.exec((match[2] ?? '').toLowerCase());
  const isPlainIb = (match[2] ?? '').toLowerCase() === 'ib';
  if (unit === null || isPlainIb) return { problem: `invalid suffix: '${match[2]}'` };
  const bytes = amount * 1024 ** powers.indexOf(unit[1] ?? '');
  if (!Number.isFinite(bytes) || bytes >= 2 ** 63) return { problem: `invalid size: '${text}'` };
  return BigInt(Math.trunc(bytes));
}
