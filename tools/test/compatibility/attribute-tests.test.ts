import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ServiceKey, serviceSupport } from '#runtime/bundle/support.ts';
import { attributeTests } from '#tools/compatibility/attribute-tests.ts';

const root = join(import.meta.dirname, '../../..');
const attributes = Object.entries(attributeTests) as readonly (readonly [ServiceKey, string])[];

test('the test of each attribute names it', () => {
  const silent = attributes.filter(([key, path]) => !new RegExp(`\\b${key}\\b`).test(readFileSync(join(root, path), 'utf8')));
  assert.equal(silent, []);
});

test('what the engine enforces is looked at in a running container', () => {
  const enforced = attributes.filter(([key]) => serviceSupport[key].state === 'enforced' && key !== 'isolation');
  assert.equal(
    enforced.filter(([, path]) => !/\.(engine|scenario)\.test\.ts$/.test(path)),
    [],
  );
});

test.run();
