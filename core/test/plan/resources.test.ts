import { test } from 'uvu';
import { golden } from './golden.ts';

const withVolume = 'services: {web: {volumes: ["data:/d"]}}\nvolumes: {data: {}}';

golden(
  'creates networks and volumes that are absent',
  {
    file: 'services: {web: {networks: [front, back], volumes: ["data:/d"]}}\nnetworks: {front: {}, back: {}}\nvolumes: {data: {}}',
  },
  `
    [] -> #1 network p_back create, absent
    [] -> #2 network p_front create, absent
    [] -> #3 volume p_data create, absent
    [1,2,3] -> #4 container p-web-1 create, absent
    [4] -> #5 container p-web-1 start, absent
  `,
);

golden(
  'a changed network is made anew without its containers, which are replaced',
  {
    before: 'services: {web: {}, db: {}, other: {networks: [own]}}\nnetworks: {default: {}, own: {}}',
    file: 'services: {web: {}, db: {}, other: {networks: [own]}}\nnetworks: {default: {internal: true}, own: {}}',
  },
  `
    [] -> #1 container p-db-1 stop, part-of-recreate [recreate:db-1]
    [1] -> #2 container p-db-1 remove, part-of-recreate [recreate:db-1]
    [] -> #3 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [2,4] -> #5 network p_default remove, network-changed (p_default) [remake:p_default]
    [5] -> #6 network p_default create, network-changed (p_default) [remake:p_default]
    [2,6] -> #7 container p-db-1 create, network-changed (p_default) [recreate:db-1]
    [4,6] -> #8 container p-web-1 create, network-changed (p_default) [recreate:web-1]
    [7] -> #9 container p-db-1 start, part-of-recreate [recreate:db-1]
    [8] -> #10 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'a renamed network: new one made, containers recreated, old one removed',
  {
    before: 'services: {web: {networks: [front]}}\nnetworks: {front: {}}',
    file: 'services: {web: {networks: [front]}}\nnetworks: {front: {name: shiny}}',
  },
  `
    [] -> #1 network shiny create, absent
    [1] -> #2 container OLD_p-web-1 create, network-changed (shiny) [recreate:web-1]
    [2] -> #3 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
    [4] -> #7 network p_front remove, unused
  `,
);

golden(
  'a network changes in vain while somebody outside of the plan uses it',
  {
    before: 'services: {web: {}, db: {}}',
    file: 'services: {web: {}, db: {}}\nnetworks: {default: {internal: true}}',
    options: { services: ['web'] },
  },
  `
    [] -> #1 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [1] -> #2 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [2] -> #3 network p_default remove, network-changed (p_default) [remake:p_default]
    [3] -> #4 network p_default create, network-changed (p_default) [remake:p_default]
    [2,4] -> #5 container p-web-1 create, network-changed (p_default) [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
    error: plan.network-in-use: network "p_default" must be made anew, but "p-db-1" still use it
  `,
);

golden(
  'a changed volume is used as it is unless the user agrees',
  { before: withVolume, file: 'services: {web: {volumes: ["data:/d"]}}\nvolumes: {data: {labels: {a: b}}}' },
  `
    warning: plan.volume-changed: volume "p_data" exists but doesn't match configuration in compose file; it is used as it is
  `,
);

golden(
  'a changed volume is made anew when the user agrees',
  {
    before: withVolume,
    file: 'services: {web: {volumes: ["data:/d"]}}\nvolumes: {data: {labels: {a: b}}}',
    options: { recreateVolumes: true },
  },
  `
    [] -> #1 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [1] -> #2 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [2] -> #3 volume p_data remove, volume-changed (p_data), destroys data [remake:p_data]
    [3] -> #4 volume p_data create, volume-changed (p_data) [remake:p_data]
    [2,4] -> #5 container p-web-1 create, volume-changed (p_data) [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'a renamed volume: containers recreated, the old one kept',
  { before: withVolume, file: 'services: {web: {volumes: ["data:/d"]}}\nvolumes: {data: {name: shiny}}' },
  `
    [] -> #1 volume shiny create, absent
    [1] -> #2 container OLD_p-web-1 create, volume-changed (shiny) [recreate:web-1]
    [2] -> #3 container p-web-1 stop, part-of-recreate [recreate:web-1]
    [3] -> #4 container p-web-1 remove, part-of-recreate [recreate:web-1]
    [4] -> #5 container p-web-1 rename, part-of-recreate [recreate:web-1]
    [5] -> #6 container p-web-1 start, part-of-recreate [recreate:web-1]
  `,
);

golden(
  'external ones must exist',
  {
    file: 'services: {web: {networks: [out], volumes: ["ext:/d"]}}\nnetworks: {out: {external: true, name: out}}\nvolumes: {ext: {external: true, name: ext}}',
  },
  `
    [] -> #1 container p-web-1 create, absent
    [1] -> #2 container p-web-1 start, absent
    error: plan.external-network-missing: network out declared as external, but could not be found
    error: plan.external-volume-missing: external volume "ext" not found
  `,
);

golden(
  'foreign ones are used with a warning',
  {
    file: withVolume,
    change: async ({ engine }) => {
      await engine.createNetwork({
        name: 'p_default',
        driver: 'bridge',
        driverOpts: {},
        internal: false,
        attachable: false,
        enableIpv4: true,
        enableIpv6: false,
        pools: [],
        labels: {},
      });
      await engine.createVolume({ name: 'p_data', driver: 'local', driverOpts: {}, labels: {} });
    },
  },
  `
    [] -> #1 container p-web-1 create, absent
    [1] -> #2 container p-web-1 start, absent
    warning: plan.network-not-ours: a network with name p_default exists but was not created for project "p"; it is used as it is
    warning: plan.volume-not-ours: volume "p_data" already exists but was not created for project "p"; it is used as it is
  `,
);

golden(
  'pulls an image once for all who need it',
  { file: 'services: {a: {image: far}, b: {image: far}}' },
  `
    [] -> #1 image far pull, absent
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [1,2] -> #4 container p-b-1 create, absent
    [3] -> #5 container p-a-1 start, absent
    [4] -> #6 container p-b-1 start, absent
  `,
);

golden(
  'pulls a present image when the policy says always',
  { file: 'services: {a: {pull_policy: always}}' },
  `
    [] -> #1 image img pull, requested
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [3] -> #4 container p-a-1 start, absent
  `,
);

golden(
  'pulls for another platform',
  { file: 'services: {a: {platform: linux/arm64}}' },
  `
    [] -> #1 image img pull linux/arm64, absent
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [3] -> #4 container p-a-1 start, absent
  `,
);

golden(
  'never pulls when the policy says never',
  { file: 'services: {a: {image: far, pull_policy: never}}' },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    [2] -> #3 container p-a-1 start, absent
    error: plan.image-missing: image "far" of service "a" is not present locally and may not be pulled
  `,
);

golden(
  'the option overrides the policy',
  { file: 'services: {a: {image: far, pull_policy: never}}', options: { pull: 'missing' } },
  `
    [] -> #1 image far pull, absent
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [3] -> #4 container p-a-1 start, absent
  `,
);

golden(
  'what is missing is built, unless that is forbidden',
  { file: 'services: {a: {image: ~, build: {context: .}}}' },
  `
    [] -> #1 image p-a build, absent
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [3] -> #4 container p-a-1 start, absent
  `,
);

golden(
  '--no-build',
  { file: 'services: {a: {image: ~, build: {context: .}}}', options: { build: 'never', withoutStart: true } },
  `
    [] -> #1 network p_default create, absent
    [1] -> #2 container p-a-1 create, absent
    error: plan.build-not-allowed: service "a" needs image "p-a", which is not here, and nothing may be built
  `,
);

golden(
  'services that build the same thing share it; a build waits for the images that it uses',
  {
    file: `services:
  a: {image: one, build: {context: .}}
  b: {image: one, build: {context: .}}
  c: {image: two, build: {context: ., additional_contexts: {base: "service:d"}}}
  d: {image: three, build: {context: .}}`,
    options: { build: 'always', withoutStart: true, buildBases: { a: ['two'] } },
  },
  `
    [] -> #1 image three build, absent
    [1] -> #2 image two build, absent
    [2] -> #3 image one build, absent
    [] -> #4 network p_default create, absent
    [3,4] -> #5 container p-a-1 create, absent
    [3,4] -> #6 container p-b-1 create, absent
    [2,4] -> #7 container p-c-1 create, absent
    [1,4] -> #8 container p-d-1 create, absent
  `,
);

golden(
  'images that are mounted are pulled',
  { file: 'services: {a: {volumes: [{type: image, source: tools, target: /t}]}}' },
  `
    [] -> #1 image tools pull, absent
    [] -> #2 network p_default create, absent
    [1,2] -> #3 container p-a-1 create, absent
    [3] -> #4 container p-a-1 start, absent
  `,
);

test.run();
