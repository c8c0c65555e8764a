// timeout: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TscomposeError } from '#core/diagnostics/error.ts';
import { type BuildFixture, buildFixture } from './build-fixture.ts';
import { type DockerfileCase, dockerfileCases } from './dockerfile-cases.ts';

const buildsAtOnce = 3;

test('every instruction and flag does what the Dockerfile reference says', async () => {
  await using fixture = await buildFixture();
  const queue = [...dockerfileCases];
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        await checkCase(fixture, one);
      } catch (error) {
        failures.push(
          `${one.name}: ${error instanceof Error ? `${error.message} ${Reflect.get(error, 'details') ?? ''}` : error}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: buildsAtOnce }, worker));
  assert.is(failures.join('\n'), '');
});

async function checkCase(fixture: BuildFixture, one: DockerfileCase): Promise<void> {
  const context = fixture.context({ ...one.files, Dockerfile: one.dockerfile });
  const building = fixture.build({ context, ...one.request });
  if (one.fails !== undefined) {
    const error: unknown = await building.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof TscomposeError)) throw new Error('it must fail with a diagnostic', { cause: error });
    assert.match(error.message, one.fails);
    assert.ok(error.diagnostics[0]?.at !== undefined || one.request !== undefined, 'the message has a place');
    return;
  }
  const { image, output } = await building;
  const paths = [...Object.keys(one.tree ?? {}), ...(one.absent ?? [])];
  assert.equal(await fixture.tree(image, paths), one.tree ?? {});
  for (const [key, value] of Object.entries(one.config ?? {})) {
    assert.equal(image.config[key as keyof typeof image.config], value, key);
  }
  if (one.output !== undefined) assert.match(output, one.output);
}

test.run();
