// timeout: 120s

import { test } from 'uvu';
import { eventually, expect, scenario } from './scenario.ts';

const compose = `
services:
  web:
    image: tscompose/busybox:1
    command: ["sh", "-c", "echo ready; exec sleep 1000"]
    stop_grace_period: 1s
`;

scenario('one service goes up, is changed, and comes down')
  .images('busybox')
  .project({ 'compose.yaml': compose })
  .step('a file is checked', ['config', '-q'])
  .step('it starts in the background', ['up', '-d'], expect.state('web', 'running'))
  .step('its output is kept', ['logs', '--no-log-prefix'], expect.stdout(/^ready$/m))
  .step('an unchanged up does nothing and says so', ['up', '-d'], expect.notRecreated('web'), expect.stderr(/Nothing to do/))
  .edit('the command changes', { 'compose.yaml': compose.replace('ready', 'changed') })
  .step(
    'the plan says that something is to do',
    ['plan', '--exit-code'],
    expect.exit(2),
    expect.stdout(/config-changed \(command/),
  )
  .step('up makes it anew', ['up', '-d'], expect.recreated('web'))
  .step('a command runs inside', ['exec', '-T', 'web', 'sh', '-c', 'exit 7'], expect.exit(7))
  .step('it comes down', ['down'], expect.absent('web'))
  .test();

scenario('Ctrl-C stops a foreground up')
  .images('busybox')
  .project({ 'compose.yaml': compose })
  .start('its lines are shown with its name', ['up'], eventually(expect.stdout(/web-1 {2}\| ready/)))
  .signal(
    'the first Ctrl-C stops it in order',
    'SIGINT',
    expect.exit(130),
    expect.state('web', 'exited'),
    expect.stderr(/Gracefully Stopping/),
  )
  .test();

test.run();
