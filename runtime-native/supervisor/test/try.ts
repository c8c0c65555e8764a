import { makeWorld, execProcess } from './supervised.ts';
for (const kind of ['crun', 'runc'] as const) {
  await using w = makeWorld(kind);
  const c = w.container('a', { args: ['sh', '-c', 'echo hello; echo bad >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.1; done'] });
  let t = performance.now();
  console.log(await c.start(), performance.now() - t);
  console.log(JSON.stringify(c.status()));
  t = performance.now();
  const s = c.request({ op: 'exec', process: execProcess(['sh', '-c', 'echo out; echo err >&2; cat; exit 5']), tty: false, stdin: true, detach: false });
  await s.until(() => s.replies.length > 0);
  s.send(1, 'typed\n'); s.send(1, '');
  await s.closed;
  console.log(s.replies, JSON.stringify(s.output.stdout()), JSON.stringify(s.output.stderr()), performance.now() - t);
  for (const bad of ['nosuch', '/bin/unexecutable', '/bin']) {
    console.log(await c.call({ op: 'exec', process: execProcess([bad]), tty: false, stdin: false, detach: false }));
  }
  console.log(await c.call({ op: 'pause' }), c.status()?.state, await c.call({ op: 'unpause' }), c.status()?.state);
  t = performance.now();
  console.log(await c.call({ op: 'stop' }), performance.now() - t);
  console.log(JSON.stringify(c.finalStatus()), c.log());
}
