import manifest from '../package.json' with { type: 'json' };

/** Version of this program, without a `v`. */
export const version: string = manifest.version;

/** Version of Docker Compose whose command line this is, without a `v`. */
export const composeVersion = '5.5.0';
