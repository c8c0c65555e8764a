/** Arguments of a build: `--build-arg`, and what is predefined. */
export interface BuildArguments {
  readonly given: Readonly<Record<string, string>>;
  /** `os/architecture[/variant]` of the machine and of the image. */
  readonly buildPlatform: string;
  readonly targetPlatform: string;
  readonly targetStage: string;
}

/** May be given without ARG, and are neither in the history nor in cache keys (Dockerfile reference, "Predefined ARGs"). */
export const proxyArguments: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
);

/** The predefined platform arguments; stages see them after an ARG without a value. */
export function globalScope(args: BuildArguments): { readonly platform: Readonly<Record<string, string>> } {
  return {
    platform: {
      ...platformArguments('BUILD', args.buildPlatform),
      ...platformArguments('TARGET', args.targetPlatform),
      TARGETSTAGE: args.targetStage === '' ? 'default' : args.targetStage,
    },
  };
}

function platformArguments(prefix: string, platform: string): Readonly<Record<string, string>> {
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  return {
    [`${prefix}PLATFORM`]: platform,
    [`${prefix}OS`]: os,
    [`${prefix}OSVERSION`]: '',
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant,
  };
}
