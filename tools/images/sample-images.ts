/** Images that samples build, those that others begin with before these: the sample's directory and the service. */
export const sampleImages = {
  node: ['dockerfiles', 'node'],
  nginx: ['dockerfiles', 'nginx'],
  postgres: ['dockerfiles', 'postgres'],
  redis: ['dockerfiles', 'redis'],
  rsyslog: ['dockerfiles', 'rsyslog'],
  'docker-registry': ['dockerfiles', 'docker-registry'],
  'guestbook-app': ['guestbook', 'app'],
  'registry-core': ['registry', 'core'],
  'registry-jobservice': ['registry', 'jobservice'],
  'dev-web': ['dev', 'web'],
} as const satisfies Readonly<Record<string, readonly [sample: string, service: string]>>;

export type SampleImageName = keyof typeof sampleImages;

/** What an image begins with, where that is not Debian. */
export const sampleBases: Partial<Readonly<Record<SampleImageName, SampleImageName>>> = { 'dev-web': 'node' };
