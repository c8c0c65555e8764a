import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSummary } from '#core/engine/specs.ts';
import { writeTar } from '../images/tar-writer.ts';
import type { TestStore } from '../images/test-store.ts';

/** Imports an image of one layer, `bytes` long and not compressible, under a name. */
export async function importSample(fixture: TestStore, reference: string, bytes = 100_000): Promise<ImageSummary> {
  const source = join(fixture.root, 'sample.tar');
  writeFileSync(source, writeTar([{ name: 'noise', content: noise(bytes) }]));
  return fixture.store.import({ source, reference, changes: ['CMD ["run"]'] });
}

/** The same bytes each time, without a pattern that a compressor finds. */
function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    buffer[i] = state >>> 16;
  }
  return buffer;
}
