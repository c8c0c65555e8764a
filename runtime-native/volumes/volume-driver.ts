import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';
import type { VolumeSpec } from '#core/engine/specs.ts';

/** What the local driver's options ask for. */
export type VolumeSource =
  /** A directory of ours. */
  | { readonly kind: 'directory' }
  /** A host directory under another name. */
  | { readonly kind: 'bind'; readonly device: string; readonly readOnly: boolean }
  /** Shared memory, one for all containers that use the volume. */
  | { readonly kind: 'tmpfs'; readonly options: string }
  /** Any other file system: mounted privately for each container. */
  | { readonly kind: 'mount'; readonly fstype: string; readonly source: string; readonly options: string };

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Reads the options of the local driver (`type`, `o`, `device`, as Docker's). */
export function volumeSource(spec: VolumeSpec): VolumeSource {
  const { type = '', o = '', device = '' } = spec.driverOpts;
  const options = o.split(',').filter(Boolean);
  if (device === '' && type === '') return { kind: 'directory' };
  if (type === 'tmpfs') return { kind: 'tmpfs', options: o };
  if (options.includes('bind') || options.includes('rbind')) return { kind: 'bind', device, readOnly: options.includes('ro') };
  return { kind: 'mount', fstype: type, source: device, options: o };
}

/** Throws when a volume asks for what this engine cannot do. */
export function checkVolumeSpec(spec: VolumeSpec): void {
  const refuse = (option: string, reason: string) =>
    new TscomposeError(diagnose('engine.unsupported-option', { kind: 'volume', name: spec.name, option, reason }));
  if (!namePattern.test(spec.name)) {
    throw new TscomposeError(diagnose('engine.invalid-name', { kind: 'volume', name: spec.name }));
  }
  if (spec.driver !== '' && spec.driver !== 'local') {
    throw new TscomposeError(
      diagnose('engine.unsupported-driver', {
        kind: 'volume',
        name: spec.name,
        driver: spec.driver,
        supported: 'the driver "local"',
      }),
    );
  }
  const unknown = Object.keys(spec.driverOpts).find((key) => !['type', 'o', 'device'].includes(key));
  if (unknown !== undefined) throw refuse(unknown, 'the local driver knows type, o and device');
  const source = volumeSource(spec);
  if (source.kind === 'bind' && !source.device.startsWith('/')) throw refuse('device', 'a bind needs an absolute path');
  if (source.kind === 'mount' && (source.fstype === '' || source.source === ''))
    throw refuse('type', 'type and device are both needed');
}
