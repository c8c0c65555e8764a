import { lookup } from 'node:dns/promises';

/** File systems whose kernel side takes an address and no name; mount(8)'s helpers resolve it, and so does Docker. */
const networked: readonly string[] = ['nfs', 'nfs4', 'cifs', 'smb3'];

/**
 * Mount options with the server's name as an address: `addr=nas.lan` becomes `addr=192.0.2.7`. `resolve` answers an address.
 * Rejects as it does when nobody knows the name.
 */
export async function resolvedOptions(
  { fstype, options }: { readonly fstype: string; readonly options: string },
  resolve = async (name: string): Promise<string> => (await lookup(name)).address,
): Promise<string> {
  if (!networked.includes(fstype)) return options;
  const parts = options.split(',').map(async (part) => {
    const name = part.startsWith('addr=') ? part.slice('addr='.length) : undefined;
    return name === undefined ? part : `addr=${await resolve(name)}`;
  });
  return (await Promise.all(parts)).join(',');
}
