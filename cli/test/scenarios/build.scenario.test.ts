// timeout: 900s
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expect, scenario } from '../scenario.ts';

const stack = `
services:
  web:
    build:
      context: ./web
      args: { GREETING: "\${GREETING:-hello}" }
      labels: { made.by: test }
      tags: ["example/extra:1"]
      target: final
      secrets: [token]
      ulimits: { nofile: 512 }
      extra_hosts: ["fixed.example=10.1.2.3"]
      shm_size: 8m
    command: ["sleep", "1000"]
    stop_grace_period: 1s
  tool:
    image: example/tool:1
    build:
      additional_contexts: { base: "service:web" }
      dockerfile_inline: |
        FROM base
        RUN cat /greeting > /from-web
    command: ["sleep", "1000"]
    stop_grace_period: 1s
  third:
    build:
      dockerfile_inline: |
        FROM example/tool:1
        COPY web/file /third
    profiles: [more]
secrets:
  token: { environment: TOKEN }
`;

const dockerfile = `FROM tscompose/busybox:1 AS first
ARG GREETING
COPY file /file
RUN --mount=type=secret,id=token echo "$GREETING $(wc -c < /run/secrets/token)" > /greeting && ulimit -n > /limit && cp /etc/hosts /hosts && df -k /dev/shm | tail -1 > /shm
FROM first AS final
ENV READY=yes
FROM first
RUN exit 9
`;

scenario('a project is built, and built again when its files change')
  .images('busybox')
  .project({ 'compose.yaml': stack, 'web/Dockerfile': dockerfile, 'web/file': 'one', '.env': 'TOKEN=12345\n' })
  .step(
    'up builds what is missing, in the order in which it is needed',
    ['up', '-d'],
    expect.stderr(/Image \S+-web Building[\s\S]*RUN --mount[\s\S]*Image \S+-web Built[\s\S]*Image example\/tool:1 Building/),
    expect.state('web', 'running'),
    expect.state('tool', 'running'),
  )
  .step(
    'arguments, secrets, limits and hosts have reached the build',
    ['exec', '-T', 'web', 'sh', '-c', 'cat /greeting /limit; grep fixed.example /hosts; grep -c " 8192 " /shm; echo $READY'],
    expect.stdout(/^hello 5\n512\n10\.1\.2\.3\s+fixed\.example\n1\nyes\n$/),
  )
  .step('another service is built on its image', ['exec', '-T', 'tool', 'cat', '/from-web'], expect.stdout(/^hello 5\n$/))
  .step('the image has its labels and names', ['image', 'inspect', 'example/extra:1'], expect.stdout(/"made.by": "test"/))
  .step(
    'nothing has changed: every step comes from the cache, and no container is made anew',
    ['up', '-d', '--build'],
    expect.stderr(/CACHED/),
    expect.notRecreated('web', 'tool'),
  )
  .edit('a file of the context changes', { 'web/file': 'two' })
  .step('up alone does not build', ['up', '-d'], expect.notRecreated('web', 'tool'))
  .step('up --build makes image and container anew', ['up', '-d', '--build'], expect.recreated('web'))
  .step('the new file is there', ['exec', '-T', 'web', 'cat', '/file'], expect.stdout(/^two$/))
  .step('run --build builds first', ['run', '--rm', '--build', '--quiet-build', 'web', 'cat', '/file'], expect.stdout(/^two$/))
  .step(
    'build --print shows what would be built',
    ['build', '--print', 'web'],
    expect.stdout(/"target": \{\s+"web": \{[\s\S]*"GREETING": "hello"[\s\S]*"target": "final"/),
  )
  .step(
    'build with arguments of its own, as lines',
    ['--progress', 'plain', 'build', '--build-arg', 'GREETING=bye', 'web'],
    expect.stderr(/^#\d+ \[first 3\/3\] RUN/m),
    expect.stderr(/^#\d+ DONE \d+\.\ds$/m),
  )
  .step(
    'as objects',
    ['--progress', 'json', 'build', 'web'],
    expect.stderr(/"parent_id":"Image \S+","status":"Done","text":"Cached"/),
  )
  .step('quietly', ['build', '--quiet', '--no-cache', 'web'], expect.stderr(/^[^#]*$/))
  .step(
    'a dry run shows the plan',
    ['--dry-run', 'build'],
    expect.stdout(/^\[\] -> #1 image \S+-web build, requested\n\[1\] -> #2 image example\/tool:1 build/),
  )
  .step(
    'an image of another service in FROM is built before',
    ['--dry-run', '--profile', 'more', 'build'],
    expect.stdout(/#2 image example\/tool:1 build[\s\S]*\[2\] -> #3 image \S+-third build/),
  )
  .edit('a service whose step tells its limit', {
    'memory/compose.yaml': `services: {m: {build: {dockerfile_inline: "FROM tscompose/busybox:1\\nRUN cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null | head -n 1"}}}`,
  })
  .step(
    'build --memory limits what a step may use',
    ['-f', 'memory/compose.yaml', '--progress', 'plain', 'build', '--memory', '64m'],
    expect.stderr(/^#\d+ \S+ 67108864$/m),
  )
  .step('the cache can be looked at', ['builder', 'ls'], expect.stdout(/layer\s+\S+\s+\d+\s+yes .*RUN/))
  .step('and what no image needs removed', ['builder', 'prune', '-f'], expect.stdout(/Total reclaimed space/))
  .edit('the Dockerfile gets a mistake', { 'web/Dockerfile': 'FROM tscompose/busybox:1\nRUNN x\n' })
  .step(
    'it is told with file, line and the nearest instruction, before anything is touched',
    ['up', '-d', '--build'],
    expect.exit(1),
    expect.stderr(/web\/Dockerfile:2:1: error: unknown instruction "RUNN"[\s\S]*did you mean "RUN"/),
    expect.state('web', 'running'),
  )
  .edit('a step fails', { 'web/Dockerfile': 'FROM tscompose/busybox:1 AS final\nRUN echo the reason && exit 3\n' })
  .step(
    'the instruction, its line and its last output are shown',
    ['build', 'web'],
    expect.exit(1),
    expect.stderr(/web\/Dockerfile:2:1: error: "RUN echo the reason && exit 3" failed with exit status 3[\s\S]*the reason/),
  )
  .edit('bad habits', { 'web/Dockerfile': 'FROM tscompose/busybox:1 as final\nMAINTAINER me\nENV PASSWORD=x\nCMD sleep 1\n' })
  .step(
    'build --check tells them',
    ['build', '--check', 'web'],
    expect.exit(1),
    expect.stderr(/FromAsCasing[\s\S]*MaintainerDeprecated[\s\S]*SecretsUsedInArgOrEnv[\s\S]*JSONArgsRecommended/),
  )
  .act('a missing image is not built when that is forbidden', async (world) => {
    rmSync(join(world.directory, 'web/Dockerfile'));
    const { status, stderr } = await world.run('--profile', 'more', 'up', '-d', '--no-build', 'third');
    assert.is(status, 1);
    assert.match(stderr, /plan\.build-not-allowed/);
    assert.match((await world.run('build', 'web')).stderr, /there is no Dockerfile/);
  })
  .test();

scenario('what a build cannot enforce is refused at its line')
  .images('busybox')
  .project({
    'compose.yaml': `services:
  web:
    build:
      dockerfile_inline: FROM tscompose/busybox:1
      provenance: "true"
      isolation: hyperv
      cache_from: ["type=gha"]
`,
  })
  .step(
    'with file and line',
    ['build'],
    expect.exit(1),
    expect.stderr(/compose\.yaml:6:\d+: error: "isolation"[\s\S]*compose\.yaml:5:\d+: error: "provenance"/),
    expect.stderr(/compose\.yaml:7:\d+: error: "cache_from"[^\n]*GitHub/),
  )
  .test();

test.run();
