import { arch } from 'node:process';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { diagnose } from '#core/engine/catalogue.ts';

/** Platform in the words of the OCI image specification (Go's GOOS and GOARCH). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const architectures: Readonly<Record<string, Omit<Platform, 'os'>>> = {
  x64: { architecture: 'amd64' },
  arm64: { architecture: 'arm64' },
  arm: { architecture: 'arm', variant: 'v7' },
  ia32: { architecture: '386' },
  ppc64: { architecture: 'ppc64le' },
  s390x: { architecture: 's390x' },
  riscv64: { architecture: 'riscv64' },
};

const aliases: Readonly<Record<string, Omit<Platform, 'os'>>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
  i386: { architecture: '386' },
};

export function hostPlatform(): Platform {
  return { os: 'linux', ...(architectures[arch] ?? { architecture: arch }) };
}

/** Reads `os/architecture[/variant]` or a lone architecture. Throws `engine.image-invalid`. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [os = 'linux', name = '', variant] = parts.length === 1 ? ['linux', parts[0]] : parts;
  if (name === '' || os === '' || parts.length > 3) {
    throw new TscomposeError(
      diagnose('engine.image-invalid', {
        source: text,
        reason: 'a platform is written os/architecture[/variant], such as linux/amd64',
      }),
    );
  }
  return { os, ...(aliases[name] ?? { architecture: name }), ...(variant === undefined ? {} : { variant }) };
}

/** Whether an image for `offered` runs as `wanted`: the higher the better, 0 is no. arm64 has no variant or v8. */
export function platformFit(wanted: Platform, offered: Platform): number {
  if (wanted.os !== offered.os || wanted.architecture !== offered.architecture) return 0;
  const [want, have] = [variantNumber(wanted), variantNumber(offered)];
  if (want === have) return 100;
  // A processor runs code for older variants of its family.
  return have < want ? 1 + have : 0;
}

function variantNumber(platform: Platform): number {
  const fallback = platform.architecture === 'arm64' ? 8 : platform.architecture === 'arm' ? 7 : 1;
  const digits = /^v(\d+)/.exec(platform.variant ?? '')?.[1];
  return digits === undefined ? fallback : Number(digits);
}

/** The entry of an index that runs best as `wanted`; entries without a platform fit when nothing else does. */
export function choosePlatform<T extends { readonly platform?: Readonly<Record<string, unknown>> }>(
  wanted: Platform,
  entries: readonly T[],
): T | undefined {
  const rated = entries.map((entry) => {
    const { os, architecture, variant } = entry.platform ?? {};
    if (typeof os !== 'string' || typeof architecture !== 'string') return { entry, fit: entry.platform === undefined ? 0.5 : 0 };
    return { entry, fit: platformFit(wanted, { os, architecture, ...(typeof variant === 'string' ? { variant } : {}) }) };
  });
  // Equal ones: the first, as the specification asks.
  return rated.filter(({ fit }) => fit > 0).sort((a, b) => b.fit - a.fit)[0]?.entry;
}
