import { test } from 'uvu';
import { golden, idOf } from './golden.ts';

const web = 'services: {web: {image: img}}';
const webAndDb = 'services: {web: {depends_on: [db]}, db: {image: db}}';

golden(
  'a changed key recreates, and the plan names it with old and new value',
  { before: 'services: {web: {environment: {A: "1", B: "x"}}}', file: 'services: {web: {environment: {A: "2", C: "y"}}}' },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (environment.A "1" → "2"; environment.B - "x"; environment.C + "y") [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'values of variables that look secret do not appear',
  { before: 'services: {web: {environment: {DB_PASSWORD: old}}}', file: 'services: {web: {environment: {DB_PASSWORD: new}}}' },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (environment.DB_PASSWORD "***" → "***") [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'keys that need no new container change nothing',
  {
    before: webAndDb,
    file: 'services: {web: {depends_on: {db: service_healthy}, profiles: [x], pull_policy: missing, attach: false, deploy: {replicas: 1, resources: {}, placement: {}}}, db: {image: db}}',
  },
  ``,
);

golden(
  'another image reference',
  { before: web, file: 'services: {web: {image: img2}}' },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (image "img" → "img2") [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'another image under the same reference',
  { before: web, change: (world) => void world.engine.setImage('img', 'newer') },
  `
    [] -> #1 container OLD_p-web-1 create, image-changed (old → new) [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'changed content of a config file',
  {
    before: 'services: {web: {configs: [{source: nginx}]}}\nconfigs: {nginx: {file: /w/nginx.conf}}',
    engine: { files: { '/w/nginx.conf': 'sha256:1' } },
    change: (world) => world.engine.setFile('/w/nginx.conf', 'sha256:2'),
  },
  `
    [] -> #1 container OLD_p-web-1 create, file-content-changed (config nginx) [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'changed content of a secret, which does not appear',
  {
    before: 'services: {web: {secrets: [{source: key}]}}\nsecrets: {key: {content: old}}',
    file: 'services: {web: {secrets: [{source: key}]}}\nsecrets: {key: {content: new}}',
  },
  `
    [] -> #1 container OLD_p-web-1 create, file-content-changed (secret key) [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'forced',
  { before: webAndDb, options: { recreate: 'force' } },
  `
    [] -> #1 container OLD_p-db-1 create, forced [recreate:db-1]
    [1] -> #2 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [2] -> #3 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [3] -> #4 container p-db-1 rename, part-of-recreate [recreate:db-1]
    [] -> #5 container OLD_p-web-1 create, forced [recreate:web-1]
    [5] -> #6 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [6] -> #7 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [7] -> #8 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #9 container p-db-1 start, part-of-recreate [recreate:db-1]
    [8,9] -> #10 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'forced for named services only',
  { before: webAndDb, options: { recreate: 'force', services: ['web'] } },
  `
    [] -> #1 container OLD_p-web-1 create, forced [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'forced for dependencies too',
  { before: webAndDb, options: { services: ['web'], recreateDependencies: 'force' } },
  `
    [] -> #1 container OLD_p-db-1 create, forced [recreate:db-1]
    [1] -> #2 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [2] -> #3 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [3] -> #4 container p-db-1 rename, part-of-recreate [recreate:db-1]
    [4] -> #5 container p-db-1 start, part-of-recreate [recreate:db-1]
  `,
);

golden('never', { before: web, file: 'services: {web: {command: [x]}}', options: { recreate: 'never' } }, ``);

golden(
  'a container that has exited is recreated when it diverged',
  {
    before: web,
    change: async (world) => world.engine.exit(await idOf(world, 'p-web-1'), 0),
    file: 'services: {web: {command: [x]}}',
  },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (command null → ["x"]) [recreate:web-1]
    [1] -> #2 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'renewed anonymous volumes force it and are removed with the old container',
  { before: 'services: {web: {volumes: [/data]}}', options: { renewAnonymousVolumes: true } },
  `
    [] -> #1 container OLD_p-web-1 create, forced [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove with volumes, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'who shares a network namespace is recreated with its lender',
  {
    before: 'services: {web: {}, side: {network_mode: "service:web"}}',
    file: 'services: {web: {command: [x]}, side: {network_mode: "service:web"}}',
  },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (command null → ["x"]) [recreate:web-1]
    [1] -> #2 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [1] -> #5 container OLD_p-side-1 create, dependency-recreated (web) [recreate:side-1]
    [5] -> #6 container p-side-1 stop, part-of-recreate [recreate:side-1]
    [6] -> #7 container p-side-1 remove, part-of-recreate [recreate:side-1]
    [7] -> #8 container p-side-1 rename, part-of-recreate [recreate:side-1]
    [4] -> #9 container p-web-1 start, part-of-recreate [recreate:web-1]
    [8,9] -> #10 container p-side-1 start, part-of-recreate [recreate:side-1]
  `,
);

golden(
  'who shares a namespace with a lender that has been made anew since is recreated',
  {
    before: 'services: {web: {}, side: {network_mode: "service:web"}}',
    change: async (world) => {
      const id = await idOf(world, 'p-web-1');
      await world.engine.stopContainer(id, {});
      await world.engine.removeContainer(id, {});
    },
  },
  `
    [] -> #1 container p-web-1 create, absent
    [1] -> #2 container OLD_p-side-1 create, dependency-recreated (web) [recreate:side-1]
    [2] -> #3 container p-side-1 stop, part-of-recreate [recreate:side-1]
    [3] -> #4 container p-side-1 remove, part-of-recreate [recreate:side-1]
    [4] -> #5 container p-side-1 rename, part-of-recreate [recreate:side-1]
    [1] -> #6 container p-web-1 start, absent
    [5,6] -> #7 container p-side-1 start, part-of-recreate [recreate:side-1]
  `,
);

golden(
  'dependents with restart: true stop before and start after',
  {
    before:
      'services: {web: {depends_on: {db: {restart: true, condition: service_healthy}}}, db: {healthcheck: {test: [CMD, x]}}}',
    file: 'services: {web: {depends_on: {db: {restart: true, condition: service_healthy}}}, db: {command: [x], healthcheck: {test: [CMD, x]}}}',
  },
  `
    [] -> #1 container OLD_p-db-1 create, config-changed (command null → ["x"]) [recreate:db-1]
    [] -> #2 container p-web-1 stop, dependency-recreated (db)
    [1,2] -> #3 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [3] -> #4 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [4] -> #5 container p-db-1 rename, part-of-recreate [recreate:db-1]
    [5] -> #6 container p-db-1 start, part-of-recreate [recreate:db-1]
    [6] -> #7 container p-db-1 await healthy, dependency (web service_healthy)
    [2,7] -> #8 container p-web-1 start, dependency-recreated (db)
  `,
);

golden(
  'dependents without it go on',
  { before: webAndDb, file: 'services: {web: {depends_on: [db]}, db: {image: db, command: [x]}}' },
  `
    [] -> #1 container OLD_p-db-1 create, config-changed (command null → ["x"]) [recreate:db-1]
    [1] -> #2 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [2] -> #3 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [3] -> #4 container p-db-1 rename, part-of-recreate [recreate:db-1]
    [4] -> #5 container p-db-1 start, part-of-recreate [recreate:db-1]
  `,
);

golden(
  'pre_stop hooks run before the old one stops, post_start after the new one starts',
  {
    before: 'services: {web: {pre_stop: [{command: [bye]}]}}',
    file: 'services: {web: {command: [x], pre_stop: [{command: [bye]}], post_start: [{command: [hi]}]}}',
  },
  `
    [] -> #1 container OLD_p-web-1 create, config-changed (command null → ["x"]; post_start + [{"command":["hi"]}]) [recreate:web-1]
    [1] -> #2 container p-web-1 hook pre_stop[0], part-of-recreate [recreate:web-1]
    [2] -> #3 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
    [6] -> #7 container p-web-1 hook post_start[0], part-of-recreate [recreate:web-1]
  `,
);

golden(
  'a port that moves to another service is free before it starts there',
  { before: 'services: {a: {ports: ["8080:80"]}, b: {}}', file: 'services: {a: {}, b: {ports: ["8080:80"]}}' },
  `
    [] -> #1 container OLD_p-a-1 create, config-changed (ports - [{"mode":"ingress","protocol":"tcp","published":"8080","target":80}]) [recreate:a-1]
    [1] -> #2 container p-a-1 stop, part-of-recreate [recreate:a-1]
    [2] -> #3 container p-a-1 remove, part-of-recreate [recreate:a-1]
    [3] -> #4 container p-a-1 rename, part-of-recreate [recreate:a-1]
    [] -> #5 container OLD_p-b-1 create, config-changed (ports + [{"mode":"ingress","protocol":"tcp","published":"8080","target":80}]) [recreate:b-1]
    [5] -> #6 container p-b-1 stop, part-of-recreate [recreate:b-1]
    [6] -> #7 container p-b-1 remove, part-of-recreate [recreate:b-1]
    [7] -> #8 container p-b-1 rename, part-of-recreate [recreate:b-1]
    [4] -> #9 container p-a-1 start, part-of-recreate [recreate:a-1]
    [2,8] -> #10 container p-b-1 start, part-of-recreate [recreate:b-1]
  `,
);

golden(
  'a container name that moves to another service is free before',
  { before: 'services: {a: {container_name: front}, b: {}}', file: 'services: {a: {}, b: {container_name: front}}' },
  `
    [] -> #1 container OLD_p-a-1 create, config-changed (container_name - "front") [recreate:a-1]
    [1] -> #2 container front stop, part-of-recreate [recreate:a-1]
    [2] -> #3 container front remove, part-of-recreate [recreate:a-1]
    [3] -> #4 container p-a-1 rename, part-of-recreate [recreate:a-1]
    [] -> #5 container OLD_front create, config-changed (container_name + "front") [recreate:b-1]
    [5] -> #6 container p-b-1 stop, part-of-recreate [recreate:b-1]
    [6] -> #7 container p-b-1 remove, part-of-recreate [recreate:b-1]
    [3,7] -> #8 container front rename, part-of-recreate [recreate:b-1]
    [4] -> #9 container p-a-1 start, part-of-recreate [recreate:a-1]
    [8] -> #10 container front start, part-of-recreate [recreate:b-1]
  `,
);

golden(
  'link aliases count for the linked service',
  { before: 'services: {web: {}, db: {}}', file: 'services: {web: {links: ["db:database"], depends_on: [db]}, db: {}}' },
  `
    [] -> #1 container OLD_p-db-1 create, config-changed (links + ["database"]) [recreate:db-1]
    [1] -> #2 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [2] -> #3 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [3] -> #4 container p-db-1 rename, part-of-recreate [recreate:db-1]
    [] -> #5 container OLD_p-web-1 create, config-changed (links + ["db:database"]) [recreate:web-1]
    [5] -> #6 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [6] -> #7 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [7] -> #8 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [4] -> #9 container p-db-1 start, part-of-recreate [recreate:db-1]
    [8,9] -> #10 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

test.run();
