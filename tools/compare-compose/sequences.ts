import type { Sequence } from './sequence.ts';

const sleeper = 'image: "tscompose/busybox:1", stop_signal: SIGKILL, command: [sh, -c, "echo hello; exec sleep 1000"]';

const stack = `
services:
  web:
    image: tscompose/busybox:1
    stop_signal: SIGKILL
    command: [sh, -c, "echo hello; exec sleep 1000"]
    ports: ["80"]
    depends_on: [db]
    environment: { GREETING: "$GREETING" }
    labels: { team: blue }
    volumes: ["data:/data", "/anonymous"]
    restart: unless-stopped
  db: { ${sleeper}, user: "1000", working_dir: /tmp }
volumes: { data: {} }
`;

const jobs = `
services:
  good: { image: "tscompose/busybox:1", command: ["true"] }
  bad: { image: "tscompose/busybox:1", command: [sh, -c, "sleep 0.5; exit 3"] }
  stays: { ${sleeper} }
`;

const oneOff = `
services:
  tool:
    image: tscompose/busybox:1
    entrypoint: [sh, -c]
    command: ["echo $$WORD; id -u; pwd"]
    environment: { WORD: model }
    ports: ["8099"]
    depends_on: [db]
  db: { ${sleeper} }
`;

const choices = `
services:
  base: { ${sleeper} }
  debug: { ${sleeper}, profiles: [debug] }
  all: { ${sleeper}, profiles: [debug, test] }
`;

const built = `
services:
  made:
    build: { context: made, args: { WHO: file } }
    command: cat /who
  pulled: { ${sleeper} }
`;

/** What is compared. Everything that takes long elsewhere (pulls, health checks, grace periods) is left out. */
export const sequences: readonly Sequence[] = [
  {
    name: 'life of a project',
    files: { 'compose.yaml': stack, '.env': 'GREETING=hello\n' },
    steps: [
      'config --quiet',
      'config --services',
      'config --volumes',
      'ps',
      'ps -q',
      'up -d',
      'up -d',
      'ps --services',
      'ps --services --filter status=running',
      'ps',
      'port web 80',
      'port web 81',
      'port db 80',
      'logs --no-color',
      'logs --no-color --tail 1 web',
      'logs --no-log-prefix db',
      'top db',
      "exec -T web sh -c 'echo $GREETING; exit 7'",
      "exec -T -u 7 -w /etc -e WORD=given db sh -c 'id -u; pwd; echo $WORD'",
      'exec -T --index 2 web true',
      'exec -T web no-such-program',
      'exec -T nobody true',
      'exec -d db touch /tmp/there',
      'pause db',
      'ps --services --filter status=paused',
      'unpause db',
      'restart -t 1 db',
      'kill -s SIGKILL web',
      'start',
      'start nobody',
      'stop -t 1 web',
      'rm -f web',
      'rm -f',
      'up -d --no-deps web',
      'down -t 1',
      'down',
    ],
  },
  {
    name: 'what up recreates',
    files: {
      'compose.yaml': stack,
      'other.yaml': 'services: { db: { environment: { CHANGED: "1" } } }\n',
    },
    steps: [
      'create',
      'up --no-start',
      'start',
      'up -d --scale web=3',
      'up -d --no-recreate --scale web=3',
      'up -d --scale web=1',
      'up -d --force-recreate --no-deps web',
      '-f compose.yaml -f other.yaml up -d --no-recreate',
      '-f compose.yaml -f other.yaml up -d db',
      'up -d -V web',
      'up -d --always-recreate-deps web',
      'scale db=2',
      'up -d --build --no-build',
      'up -d --force-recreate --no-recreate',
      'up -d --remove-orphans nobody',
      'down -v --rmi local -t 1',
    ],
  },
  {
    name: 'ends of containers',
    files: { 'compose.yaml': jobs },
    steps: [
      'up --no-color good',
      'up --no-color good bad',
      'up --no-color --abort-on-container-exit -t 1 bad stays',
      'up --no-color --exit-code-from bad -t 1',
      'up --no-color --exit-code-from nobody',
      'up -d stays',
      'logs --no-color bad',
      'stop -t 1',
      'rm -fsv',
    ],
  },
  {
    name: 'one-off containers',
    files: { 'compose.yaml': oneOff },
    steps: [
      'run --rm -T tool',
      'run --rm -T --no-deps -e WORD=flag -u 7 -w /etc tool',
      "run --rm -T --entrypoint 'sh -c' tool 'exit 5'",
      'run --rm -T --no-deps --entrypoint pwd tool',
      "run -T --name kept --no-deps -l team=red -v /anonymous tool 'echo kept'",
      'ps -q',
      'run -d --no-deps --entrypoint sleep tool 1000',
      'run --rm -T --no-deps tool no-such-program',
      'run --rm -T --no-deps --entrypoint /no/such/program tool',
      'run --rm -T nobody',
      'down --remove-orphans -t 1',
    ],
  },
  {
    name: 'profiles files and variables',
    files: {
      'compose.yaml': choices,
      'compose.override.yaml': 'services: { base: { labels: { overridden: "yes" } } }\n',
      'one.yaml': `services: { one: { ${sleeper}, environment: ["A=\${A:-default}", "B=\${B?needed}"] } }\n`,
      'two.yaml': `services: { two: { extends: { file: one.yaml, service: one }, env_file: two.env } }\n`,
      'two.env': 'FROM_FILE=1\nQUOTED="a b"\n',
      'b.env': 'B=from-env-file\nCOMPOSE_PROFILES=debug\n',
      'bad.yaml': 'services: { one: { imaje: x } }\n',
      'broken.yaml': 'services: [\n',
      'missing.yaml': 'services: { one: { image: x, depends_on: [two] } }\n',
    },
    steps: [
      'config --services',
      '--profile debug config --services',
      '--profile test config --services',
      'up -d',
      '--profile debug up -d',
      'up -d debug',
      '-f one.yaml config --quiet',
      '--env-file b.env -f one.yaml -f two.yaml config --services',
      '--env-file b.env -f one.yaml -f two.yaml up -d --remove-orphans',
      '--env-file nothing.env config --quiet',
      '-f bad.yaml config --quiet',
      '-f broken.yaml config --quiet',
      '-f missing.yaml config --quiet',
      '-f nothing.yaml config --quiet',
      '-p other config --services',
      '-p Not:Valid config --quiet',
      '--project-directory /tmp config --quiet',
      '--ansi never ps -q',
      'down --remove-orphans -t 1',
    ],
  },
  {
    name: 'variables of the environment',
    files: {
      'compose.yaml': choices,
      'dev.yaml': `services: { dev: { ${sleeper} } }\n`,
      'more.yaml': `services: { more: { ${sleeper} } }\n`,
    },
    env: {
      COMPOSE_FILE: 'dev.yaml,more.yaml',
      COMPOSE_PATH_SEPARATOR: ',',
      COMPOSE_PROFILES: 'debug',
      COMPOSE_PROJECT_NAME: 'app',
      COMPOSE_IGNORE_ORPHANS: '1',
    },
    steps: ['config --services', 'up -d', '-f compose.yaml config --services', 'ps --services', 'down -t 1'],
  },
  {
    name: 'builds',
    files: { 'compose.yaml': built, 'made/Dockerfile': 'FROM tscompose/busybox:1\nARG WHO\nRUN echo $WHO > /who\n' },
    steps: [
      'build',
      'build --no-cache --build-arg WHO=flag made',
      'run --rm -T made',
      'up --no-color --no-deps made',
      'images -q made',
      'build nobody',
      'up -d --no-build',
      'down --rmi local -t 1',
      'up -d --no-build made',
    ],
  },
  {
    name: 'wrong words',
    files: { 'compose.yaml': choices },
    steps: [
      'no-such-command',
      'up --no-such-flag',
      'kill -s NOTHING',
      'scale base=many',
      'scale base',
      'exec',
      'run',
      'port base',
      'up -d --scale base',
      'help up --nothing',
      'version --short',
      '--version',
    ],
  },
];
