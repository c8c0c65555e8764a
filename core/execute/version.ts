import manifest from '../../package.json' with { type: 'json' };

/** `x.y.z` of this program, for the label `com.docker.compose.version`. */
export const version: string = manifest.version.replace(/[-+].*$/, '');
