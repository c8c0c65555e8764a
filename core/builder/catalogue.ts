import { type Catalogue, diagnoser, entry } from '../diagnostics/diagnostic.ts';

/** Everything that a build may refuse or warn of. */
const catalogue = {
  'build.dockerfile-not-found': entry<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `there is no Dockerfile "${path}"`,
    hint: () => 'write one, or name another with "dockerfile:"; the path is relative to the context',
  }),
  'build.dockerfile-invalid': entry<{ reason: string; hint?: string }>({
    severity: 'error',
    message: ({ reason }) => `the Dockerfile cannot be used: ${reason}`,
    hint: ({ hint }) => hint,
  }),
  'build.unknown-instruction': entry<{ name: string; near?: string }>({
    severity: 'error',
    message: ({ name }) => `unknown instruction "${name}"`,
    hint: ({ near }) => (near === undefined ? undefined : `did you mean "${near}"?`),
  }),
  'build.unknown-flag': entry<{ instruction: string; flag: string; allowed: readonly string[] }>({
    severity: 'error',
    message: ({ instruction, flag }) => `${instruction} has no flag "--${flag}"`,
    hint: ({ allowed }) => (allowed.length === 0 ? 'it takes none' : `it takes ${allowed.map((one) => `--${one}`).join(', ')}`),
  }),
  'build.unknown-stage': entry<{ name: string; stages: readonly string[] }>({
    severity: 'error',
    message: ({ name }) => `there is no stage "${name}"`,
    hint: ({ stages }) => (stages.length === 0 ? 'no stage has a name' : `the stages are ${stages.join(', ')}`),
  }),
  /** The context, or an image that is copied from, lacks a file that COPY or ADD names. */
  'build.source-not-found': entry<{ path: string; where: string; isIgnored?: boolean }>({
    severity: 'error',
    message: ({ path, where }) => `"${path}" is not in ${where}`,
    hint: ({ isIgnored }) => (isIgnored === true ? 'it is excluded by .dockerignore' : undefined),
  }),
  'build.context-unusable': entry<{ context: string; reason: string }>({
    severity: 'error',
    message: ({ context, reason }) => `the build context "${context}" cannot be used: ${reason}`,
  }),
  'build.unsupported': entry<{ what: string; reason: string; hint?: string }>({
    severity: 'error',
    message: ({ what, reason }) => `${what} is not supported: ${reason}`,
    hint: ({ hint }) => hint,
  }),
  /** A RUN of another platform's program, and the kernel has no handler for it with the flag F (fix binary). */
  'build.no-emulator': entry<{ platform: string; own: string }>({
    severity: 'error',
    message: ({ platform, own }) => `programs for ${platform} do not run on this machine (${own})`,
    hint: () =>
      'apt-get install qemu-user-static binfmt-support gives it an emulator; or do this work in a stage FROM --platform=$BUILDPLATFORM',
  }),
  'build.not-entitled': entry<{ what: string; entitlement: string }>({
    severity: 'error',
    message: ({ what }) => `${what} is not allowed in this build`,
    hint: ({ entitlement }) => `allow it with "entitlements: [${entitlement}]" in the build section`,
  }),
  /** `ssh` names keys that no agent takes: without ssh-agent, with a passphrase, with a mode that others can read. */
  'build.ssh-unusable': entry<{ key: string; reason: string }>({
    severity: 'error',
    message: ({ key, reason }) => `the SSH key "${key}" cannot be used: ${reason}`,
    hint: () => 'a key with a passphrase goes into an agent: "ssh-add" it, and write "ssh: [default]"',
  }),
  'build.secret-missing': entry<{ kind: 'secret' | 'ssh'; id: string }>({
    severity: 'error',
    message: ({ kind, id }) => `the build has no ${kind === 'ssh' ? 'SSH agent' : 'secret'} "${id}"`,
    hint: ({ kind }) => `give it with "${kind === 'ssh' ? 'ssh' : 'secrets'}:" in the build section`,
  }),
  /** A RUN instruction ended with an error; the last of its output is shown before. */
  'build.step-failed': entry<{ step: string; exitCode: number; output: string }>({
    severity: 'error',
    message: ({ step, exitCode }) => `"${step}" failed with exit status ${exitCode}`,
    hint: ({ output }) => (output === '' ? undefined : `its last output: ${output}`),
  }),
  'build.download-failed': entry<{ url: string; reason: string }>({
    severity: 'error',
    message: ({ url, reason }) => `cannot fetch "${url}": ${reason}`,
  }),
  /** What `build --check` finds; the rule's name is that of Docker's build checks. */
  'build.check': entry<{ rule: string; text: string }>({
    severity: 'warning',
    message: ({ rule, text }) => `${rule}: ${text}`,
  }),
  /** A cache_from that is missing, broken or not ours: the build goes on without it. */
  'build.cache-unusable': entry<{ cache: string; reason: string }>({
    severity: 'warning',
    message: ({ cache, reason }) => `the build cache "${cache}" is not used: ${reason}`,
  }),
  'build.cache-export-failed': entry<{ cache: string; reason: string }>({
    severity: 'error',
    message: ({ cache, reason }) => `the build cache cannot be written to "${cache}": ${reason}`,
    hint: () => 'the image is built; "ignore-error=true" makes a warning of this',
  }),
} satisfies Catalogue;

export const diagnose = diagnoser(catalogue);
