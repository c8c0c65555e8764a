import type { Command } from '../args/command.ts';

/** Every command by name; loaded when it is called. Order is the order of the help. */
export const commandLoaders: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.command.ts')).up,
  down: async () => (await import('./down.command.ts')).down,
  plan: async () => (await import('./plan.command.ts')).plan,
  create: async () => (await import('./create.command.ts')).create,
  start: async () => (await import('./start.command.ts')).start,
  stop: async () => (await import('./stop.command.ts')).stop,
  restart: async () => (await import('./restart.command.ts')).restart,
  scale: async () => (await import('./scale.command.ts')).scale,
  kill: async () => (await import('./kill.command.ts')).kill,
  pause: async () => (await import('./pause.command.ts')).pause,
  unpause: async () => (await import('./unpause.command.ts')).unpause,
  rm: async () => (await import('./rm.command.ts')).rm,
  pull: async () => (await import('./pull.command.ts')).pull,
  ps: async () => (await import('./ps.command.ts')).ps,
  logs: async () => (await import('./logs.command.ts')).logs,
  exec: async () => (await import('./exec.command.ts')).exec,
  events: async () => (await import('./events.command.ts')).events,
  wait: async () => (await import('./wait.command.ts')).wait,
  port: async () => (await import('./port.command.ts')).port,
  images: async () => (await import('./images.command.ts')).images,
  volumes: async () => (await import('./volumes.command.ts')).volumes,
  ls: async () => (await import('./ls.command.ts')).ls,
  config: async () => (await import('./config.command.ts')).config,
  doctor: async () => (await import('./doctor.command.ts')).doctor,
  completion: async () => (await import('./completion.command.ts')).completion,
  version: async () => (await import('./version.command.ts')).versionCommand,
  'image ls': async () => (await import('./image-ls.command.ts')).imageLs,
  'image import': async () => (await import('./image-import.command.ts')).imageImport,
  'image load': async () => (await import('./image-load.command.ts')).imageLoad,
  'image pull': async () => (await import('./image-pull.command.ts')).imagePull,
  'image tag': async () => (await import('./image-tag.command.ts')).imageTag,
  'image rm': async () => (await import('./image-rm.command.ts')).imageRm,
  'image inspect': async () => (await import('./image-inspect.command.ts')).imageInspect,
};

/** Commands that the help does not show. */
export const hiddenCommands: typeof commandLoaders = {
  __complete: async () => (await import('./complete.command.ts')).complete,
};

/** Commands of Docker Compose that are still to come, with what helps until then. */
export const laterCommands: Readonly<Record<string, string>> = {
  attach: '"tscompose logs -f SERVICE" follows its output',
  build: 'build the image elsewhere and bring it with "tscompose image load"',
  commit: '',
  convert: '"tscompose config" does the same',
  cp: 'use "tscompose exec -T SERVICE tar c PATH"',
  export: '',
  publish: '',
  push: '',
  run: '"tscompose exec SERVICE COMMAND" runs a command in a running container',
  stats: '',
  top: '"tscompose exec SERVICE ps" shows its processes',
  watch: '',
  alpha: '',
  bridge: '',
};
