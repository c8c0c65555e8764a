import { test } from 'uvu';
import { golden, idOf } from './golden.ts';
import { projectOf } from './stack.ts';

const two = 'services: {web: {scale: 2}}';

golden(
  'scales up after the highest number',
  { before: two, options: { scale: { web: 3 } } },
  `
    [] -> #1 container p-web-3 create, scale-up (to 3)
    [1] -> #2 container p-web-3 start, scale-up (to 3)
  `,
);

golden(
  'leaves gaps',
  {
    before: 'services: {web: {scale: 3}}',
    change: async (world) => {
      const id = await idOf(world, 'p-web-2');
      await world.engine.stopContainer(id, {});
      await world.engine.removeContainer(id, {});
    },
  },
  `
    [] -> #1 container p-web-4 create, scale-up (to 3)
    [1] -> #2 container p-web-4 start, scale-up (to 3)
  `,
);

golden(
  'scales down from the highest number',
  { before: 'services: {web: {scale: 3}}', options: { scale: { web: 1 } } },
  `
    [] -> #1 container p-web-2 stop, scale-down (to 1)
    [1] -> #2 container p-web-2 remove, scale-down (to 1)
    [] -> #3 container p-web-3 stop, scale-down (to 1)
    [3] -> #4 container p-web-3 remove, scale-down (to 1)
  `,
);

golden(
  'scales diverged ones down first',
  {
    before: 'services: {web: {scale: 2}}',
    change: async (world) => world.up(projectOf('services: {web: {scale: 3, command: [x]}}'), { recreate: 'never' }),
    file: 'services: {web: {scale: 1, command: [x]}}',
  },
  `
    [] -> #1 container p-web-1 stop, scale-down (to 1)
    [1] -> #2 container p-web-1 remove, scale-down (to 1)
    [] -> #3 container p-web-2 stop, scale-down (to 1)
    [3] -> #4 container p-web-2 remove, scale-down (to 1)
  `,
);

golden(
  'to none',
  { before: two, options: { scale: { web: 0 } } },
  `
    [] -> #1 container p-web-1 stop, scale-down (to 0)
    [1] -> #2 container p-web-1 remove, scale-down (to 0)
    [] -> #3 container p-web-2 stop, scale-down (to 0)
    [3] -> #4 container p-web-2 remove, scale-down (to 0)
  `,
);

golden(
  'counts deploy.replicas',
  { file: 'services: {web: {deploy: {replicas: 2, resources: {}, placement: {}}}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-1 create, absent
    [1,2] -> #3 container p-web-2 create, absent
    [2] -> #4 container p-web-1 start, absent
    [3] -> #5 container p-web-2 start, absent
  `,
);

golden(
  'recreates every replica by itself',
  { before: two, file: 'services: {web: {scale: 2, command: [x]}}' },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (command null → ["x"]) [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [] -> #5 container OLD_p-web-2 create, config-changed (command null → ["x"]) [recreate:web-2]
    [5] -> #6 container p-web-2 stop, part-of-recreate [recreate:web-2]
    [6] -> #7 container p-web-2 remove, part-of-recreate [recreate:web-2]
    [7] -> #8 container p-web-2 rename, part-of-recreate [recreate:web-2]
    [4] -> #9 container p-web-1 start, part-of-recreate [recreate:web-1]
    [8] -> #10 container p-web-2 start, part-of-recreate [recreate:web-2]
  `,
);

golden(
  'a container name allows one replica',
  { file: 'services: {web: {container_name: front, scale: 2}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container front create, absent
    [1,2] -> #3 container front create, absent
    [2] -> #4 container front start, absent
    [3] -> #5 container front start, absent
    error: plan.container-name-with-replicas: the "web" service is using a custom container name, which must be unique: it cannot have 2 replicas
  `,
);

golden(
  'a dependency without replicas is not waited for',
  { file: 'services: {web: {depends_on: {db: service_healthy}}, db: {scale: 0}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-web-1 create, absent
    [2] -> #3 container p-web-1 start, absent
  `,
);

golden(
  'a lender without replicas is an error',
  { file: 'services: {web: {network_mode: "service:db"}, db: {scale: 0}}' },
  `
    [] -> #1 network p_default create, absent
    [] -> #2 container p-web-1 create, absent
    [2] -> #3 container p-web-1 start, absent
    error: plan.donor-missing: service "web" cannot share network namespace with service db: container missing
  `,
);

test.run();
