import { writeArchive } from '../archive-output.ts';
import { command } from '../args/command.ts';

export const imageSave = command({
  name: 'image save',
  summary: 'Write images into an archive for "image load", "docker load", podman or skopeo',
  changesAtOnce: true,
  flags: {
    output: { type: 'string', alias: 'o', value: 'file', help: 'File to write; standard output when absent' },
    format: {
      type: 'string',
      choices: ['docker', 'oci'],
      default: 'docker',
      help: 'docker: every reader takes it; oci: layers and manifests byte for byte',
    },
    compress: { type: 'string', choices: ['none', 'gzip', 'zstd'], default: 'none', help: 'Compress the archive as a whole' },
  },
  operands: [{ name: 'IMAGE', many: true }],
  examples: [
    { line: 'image save -o web.tar web:1 web:2', does: 'two images, what they share once' },
    { line: 'image save web | ssh host tscompose image load', does: 'all tags of "web", on another machine' },
  ],
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const { signal } = context.interrupts;
    await writeArchive({ host: context.host, path: flags.output, what: 'the archive' }, async (output) => {
      await engine.saveImages({ references: operands, format: flags.format, compression: flags.compress, output, signal });
    });
    return 0;
  },
});
