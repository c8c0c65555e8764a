import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Project } from '#core/model/project.ts';
import { withProviderVariables } from '#core/model/provider-variables.ts';

const project = {
  name: 'p',
  services: {
    'data-base': { provider: { type: 'x' } },
    app: { environment: { KEY: 'old', SAME: 'b' }, depends_on: { 'data-base': { condition: 'service_started' } } },
    other: { environment: {} },
  },
} as unknown as Project; // only what is read

test('dependents get the variables, prefixed or raw; a replaced value is told', () => {
  const variables = new Map([
    [
      'data-base',
      [
        { name: 'URL', value: 'a', raw: false },
        { name: 'SAME', value: 'b', raw: true },
        { name: 'KEY', value: 'new', raw: true },
      ],
    ],
  ]);
  const result = withProviderVariables(project, variables);
  assert.equal(result.project.services['app']?.environment, { KEY: 'new', SAME: 'b', 'DATA-BASE_URL': 'a' });
  assert.is(result.project.services['other'], project.services['other']);
  assert.equal(result.overridden, [{ provider: 'data-base', service: 'app', variable: 'KEY' }]);
});

test('nothing provided leaves the project as it is', () => {
  assert.is(withProviderVariables(project, new Map()).project, project);
});

test.run();
