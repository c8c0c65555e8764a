import { serviceShape } from './service-shape.ts';
import { always, boolean, hidden, integer, keep, listOf, mapOfShape, type Shape, struct, text, textMap, texts } from './shape.ts';

const pool = struct({ subnet: text, gateway: text, ip_range: text, aux_addresses: textMap }, { hasExtensions: false });

export const networkShape: Shape = struct({
  name: text,
  driver: text,
  driver_opts: textMap,
  ipam: always(struct({ driver: text, config: listOf(pool), options: textMap })),
  external: boolean,
  internal: boolean,
  attachable: boolean,
  labels: textMap,
  enable_ipv4: keep(boolean),
  enable_ipv6: keep(boolean),
});

export const volumeShape: Shape = struct({
  name: text,
  driver: text,
  driver_opts: textMap,
  external: boolean,
  labels: textMap,
});

const fileMembers = {
  name: text,
  file: text,
  environment: text,
  external: boolean,
  labels: textMap,
  driver: text,
  driver_opts: textMap,
  template_driver: text,
};
const { name, file, environment, ...rest } = fileMembers;

export const configShape: Shape = struct({ name, file, environment, content: text, ...rest });
/** What a secret holds is in the model, never in output. */
export const secretShape: Shape = struct({ name, file, environment, content: hidden(text), ...rest });

export const modelShape: Shape = struct({ name: text, model: text, context_size: integer, runtime_flags: texts });

/** The sections of a project in YAML order. */
export const sections = {
  services: mapOfShape(serviceShape),
  networks: mapOfShape(networkShape),
  volumes: mapOfShape(volumeShape),
  secrets: mapOfShape(secretShape),
  configs: mapOfShape(configShape),
  models: mapOfShape(modelShape),
} as const satisfies Readonly<Record<string, Shape>>;

export type Section = keyof typeof sections;
