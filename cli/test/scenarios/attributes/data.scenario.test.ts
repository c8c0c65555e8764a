// timeout: 600s
import { test } from 'uvu';
import { probe } from '../../scenario/probe.ts';
import { expect, scenario } from '../../scenario.ts';

const sleep = 'image: tscompose/busybox:1\n    command: [sleep, "1000"]\n    stop_signal: SIGKILL';

scenario('data: configs, secrets and volumes are where the service says, as it says')
  .images('busybox')
  .project({
    'a.conf': 'from a file',
    '.env': 'SAID=from the environment\n',
    'host/inner/file': 'of the host',
    'compose.yaml': `services:
  files:
    ${sleep}
    read_only: true
    user: app
    configs:
      - file
      - { source: text, target: /etc/app/text.conf, uid: "1000", gid: "2000", mode: 0440 }
      - { source: env, target: /opt/env }
    secrets:
      - { source: hidden, uid: "1000", mode: 0400 }
      - { source: file, target: renamed }
      - { source: file, target: owned, uid: "1000", gid: "2000", mode: 0440 }
  mounts:
    ${sleep}
    volumes:
      - named:/named
      - type: volume
        source: named
        target: /part
        volume: { subpath: deep/er, nocopy: true }
        read_only: true
      - ./host:/host:ro
      - /anonymous
      - { type: bind, source: ./made/here, target: /made, bind: { create_host_path: true } }
      - { type: tmpfs, target: /quick, tmpfs: { size: 65536, mode: 0o700 } }
      - { type: image, source: "tscompose/busybox:1", target: /image, image: { subpath: bin } }
  borrower:
    ${sleep}
    volumes_from: ["mounts:ro"]
  fill:
    ${sleep}
    volumes: [filled:/home]
configs:
  file: { file: a.conf }
  text: { content: "said here by \${SAID}" }
  env: { environment: SAID }
secrets:
  hidden: { environment: SAID }
  file: { file: a.conf }
volumes:
  named: {}
  filled: {}
`,
  })
  .step(
    'the volume exists with a directory',
    ['run', '--rm', '-v', 'app_named:/v', 'fill', 'mkdir', '-p', '/v/deep/er'],
    expect.exit(0),
  )
  .step('up', ['up', '-d'], expect.state('mounts', 'running'))
  .act(
    'configs and secrets: content, owner, mode, on a read-only root',
    probe('files', [
      ['cat /file', 'from a file'],
      ['cat /etc/app/text.conf; stat -c " %u %g %a" /etc/app/text.conf', 'said here by from the environment 1000 2000 440'],
      ['cat /opt/env', 'from the environment'],
      ['cat /run/secrets/hidden; stat -c " %u %a" /run/secrets/hidden', 'from the environment 1000 400'],
      ['cat /run/secrets/renamed', 'from a file'],
      ['cat /run/secrets/owned; stat -c " %u %g %a" /run/secrets/owned', 'from a file 1000 2000 440'],
      ['echo x > /file', /[Rr]ead-only|[Pp]ermission/],
    ]),
  )
  .act('volumes of all types', async (world) => {
    await world.run('exec', '-T', 'mounts', 'sh', '-c', 'echo deep > /named/deep/er/file; echo kept > /anonymous/file');
    await probe('mounts', [
      ['cat /part/file; touch /part/x', /^deep\n.*[Rr]ead-only/],
      ['cat /host/inner/file; touch /host/x', /^of the host.*[Rr]ead-only/],
      ['touch /made/x && echo made', 'made'],
      ['stat -c %a /quick; df -k /quick | tail -1 | tr -s " " | cut -d" " -f2', '700\n64'],
      ['ls /image/busybox; touch /image/x', /^\/image\/busybox\n.*[Rr]ead-only/],
    ])(world);
  })
  .act(
    'volumes_from, read-only',
    probe('borrower', [
      ['cat /named/deep/er/file /anonymous/file', 'deep\nkept'],
      ['touch /named/x', /[Rr]ead-only/],
    ]),
  )
  .act('a new volume has what the image had there', probe('fill', [['stat -c "%u %n" /home/app', '1000 /home/app']]))
  .test();

test.run();
