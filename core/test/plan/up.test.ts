import { test } from 'uvu';
import { golden, idOf } from './golden.ts';

const web = 'services: {web: {image: img}}';
const webAndDb = 'services: {web: {depends_on: {db: {restart: true}}}, db: {image: db}}';

golden(
  'creates network and container, then starts it',
  { file: web },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-1 create, absent
    [2] -> #3 container p-web-1 start, absent
  `,
);

golden('does nothing when all is as the file says', { before: webAndDb }, ``);

golden(
  'creates in any order, starts dependencies first',
  { file: 'services: {web: {depends_on: [api]}, api: {depends_on: [db]}, db: {}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-api-1 create, absent
    [1] -> #4 container p-web-1 create, absent
    [2] -> #5 container p-db-1 start, absent
    [3,5] -> #6 container p-api-1 start, absent
    [4,6] -> #7 container p-web-1 start, absent
  `,
);

golden(
  'waits for health, completion and start as depends_on says',
  {
    file: 'services: {web: {depends_on: {db: service_healthy, job: service_completed_successfully, cache: service_started}}, db: {}, job: {}, cache: {}}',
  },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-cache-1 create, absent
    [1] -> #3 container p-db-1 create, absent
    [1] -> #4 container p-job-1 create, absent
    [1] -> #5 container p-web-1 create, absent
    [2] -> #6 container p-cache-1 start, absent
    [3] -> #7 container p-db-1 start, absent
    [4] -> #8 container p-job-1 start, absent
    [7] -> #9 container p-db-1 await healthy, dependency (web service_healthy)
    [8] -> #10 container p-job-1 await exited, dependency (web service_completed_successfully)
    [5,6,9,10] -> #11 container p-web-1 start, absent
  `,
);

golden(
  'waits once for several dependents',
  { file: 'services: {a: {depends_on: {db: service_healthy}}, b: {depends_on: {db: service_healthy}}, db: {}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-a-1 create, absent
    [1] -> #4 container p-b-1 create, absent
    [2] -> #5 container p-db-1 start, absent
    [5] -> #6 container p-db-1 await healthy, dependency (a service_healthy)
    [3,6] -> #7 container p-a-1 start, absent
    [4,6] -> #8 container p-b-1 start, absent
  `,
);

golden(
  'marks a wait that may fail',
  { file: 'services: {web: {depends_on: {db: {condition: service_healthy, required: false}}}, db: {}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-1 create, absent
    [2] -> #4 container p-db-1 start, absent
    [4] -> #5 container p-db-1 await healthy (optional), dependency (web service_healthy)
    [3,5] -> #6 container p-web-1 start, absent
  `,
);

golden(
  'starts what has exited',
  { before: web, change: async (world) => world.engine.exit(await idOf(world, 'p-web-1'), 1) },
  `
    [] -> #1 container p-web-1 start, stopped
  `,
);

golden(
  'starts what was only created',
  { before: web, beforeOptions: { withoutStart: true } },
  `
    [] -> #1 container p-web-1 start, stopped
  `,
);

golden(
  'lets a paused container go on',
  { before: web, change: async (world) => world.engine.pauseContainer(await idOf(world, 'p-web-1')) },
  `
    [] -> #1 container p-web-1 unpause, stopped
  `,
);

golden(
  'creates without starting',
  { file: webAndDb, options: { withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-1 create, absent
  `,
);

golden(
  'runs post_start hooks between start and dependents',
  { file: 'services: {web: {depends_on: [db]}, db: {post_start: [{command: [a]}, {command: [b]}]}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-1 create, absent
    [2] -> #4 container p-db-1 start, absent
    [4] -> #5 container p-db-1 hook post_start[0], absent
    [5] -> #6 container p-db-1 hook post_start[1], absent
    [3,6] -> #7 container p-web-1 start, absent
  `,
);

golden(
  'awaits every service with --wait',
  { file: webAndDb, options: { wait: true, waitTimeoutMs: 3000 } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-1 create, absent
    [2] -> #4 container p-db-1 start, absent
    [3,4] -> #5 container p-web-1 start, absent
    [4] -> #6 container p-db-1 await running_or_healthy, requested
    [5] -> #7 container p-web-1 await running_or_healthy, requested
  `,
);

golden(
  'with --wait a service on whose completion others depend must complete',
  { file: 'services: {web: {depends_on: {job: service_completed_successfully}}, job: {}}', options: { wait: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-job-1 create, absent
    [1] -> #3 container p-web-1 create, absent
    [2] -> #4 container p-job-1 start, absent
    [4] -> #5 container p-job-1 await exited, dependency (web service_completed_successfully)
    [3,5] -> #6 container p-web-1 start, absent
    [6] -> #7 container p-web-1 await running_or_healthy, requested
  `,
);

golden(
  'a running and healthy dependency is not waited for again',
  {
    before: 'services: {db: {healthcheck: {test: [CMD, x]}}}',
    beforeOptions: { wait: true },
    file: 'services: {web: {depends_on: {db: service_healthy}}, db: {healthcheck: {test: [CMD, x]}}}',
  },
  `
    [] -> #1 container p-web-1 create, absent
    [1] -> #2 container p-web-1 start, absent
  `,
);

golden(
  'named services bring their dependencies, not their siblings',
  { file: 'services: {web: {depends_on: [db]}, db: {}, other: {}}', options: { services: ['web'] } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-db-1 create, absent
    [1] -> #3 container p-web-1 create, absent
    [2] -> #4 container p-db-1 start, absent
    [3,4] -> #5 container p-web-1 start, absent
  `,
);

golden(
  'without dependencies only the named services',
  { file: webAndDb, options: { services: ['web'], withoutDependencies: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-1 create, absent
    [2] -> #3 container p-web-1 start, absent
  `,
);

golden(
  'an unknown service is an error',
  { file: web, options: { services: ['wbe'] } },
  `
    error: plan.no-such-service: no such service: wbe
  `,
);

golden(
  'a cycle is an error',
  { file: 'services: {a: {depends_on: [b]}, b: {depends_on: [a]}}' },
  `
    [] -> #1 network p_default create, absent
    error: plan.dependency-cycle: dependency cycle detected: a -> b -> a
  `,
);

golden(
  'no service at all is an error',
  { file: 'services: {}' },
  `
    error: plan.nothing-selected: no service selected
  `,
);

test.run();
