import { test } from 'uvu';
import { golden } from './golden.ts';

const oneOff = { service: 'web', name: 'p-web-run-1', useAliases: false, autoRemove: true };

golden(
  'a one-off waits for what its service depends on, and makes no replica of it',
  { file: 'services: {web: {depends_on: {db: service_healthy}}, db: {}}', options: { services: ['web'], oneOff } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-run-1 create, requested
    [2] -> #4 container p-db-1 start, absent
    [4] -> #5 container p-db-1 await healthy, dependency (web service_healthy)
    [3,5] -> #6 container p-web-run-1 start, requested
  `,
);

golden(
  'replicas of the service stay as they are, though the one-off is not what they are',
  {
    before: 'services: {web: {scale: 2}}',
    file: 'services: {web: {command: [other]}}',
    options: { services: ['web'], oneOff },
  },
  `
    [] -> #1 container p-web-run-1 create, requested
    [1] -> #2 container p-web-run-1 start, requested
  `,
);

golden(
  'without dependencies it is alone',
  {
    file: 'services: {web: {depends_on: [db]}, db: {}}',
    options: { services: ['web'], oneOff, withoutDependencies: true },
  },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-run-1 create, requested
    [2] -> #3 container p-web-run-1 start, requested
  `,
);

test.run();
