import manifest from '../package.json' with { type: 'json' };

/** Version of this program, without a `v`. */
export const version: string = manifest.version;
