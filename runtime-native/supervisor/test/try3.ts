import { makeWorld, execProcess, run, eventually, launch } from './supervised.ts';
const log = (...a: unknown[]) => console.log(...a);
await using w = makeWorld('crun');
const n = w.container('n', { args: ['nosuch'] }); log(await n.start(), n.finalStatus()?.exitCode, await n.start());
for (const [name, text] of [['big', 'seq 1 3000000'], ['cat', 'yes abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz | head -3000000'], ['long', 'head -c 300000000 /dev/zero']]) {
const big = w.container(name, { args: ['sh', '-c', text], log: { driver: 'json-file', path: `${w.root}/state/${name}/log.json`, maxSizeBytes: 2000000000, maxFiles: 2 } });
const t1 = performance.now(); log(await big.start()); await big.until((s) => s.state === 'exited', 30000); log(name, performance.now() - t1, run('sh', '-c', `wc -l ${w.root}/state/${name}/log.json; tail -1 ${w.root}/state/${name}/log.json | cut -c 1-300; ls -l ${w.root}/state/${name}/; rm ${w.root}/state/${name}/log*`));
}
const c = w.container('x', {}); await c.start();
const t = performance.now();
const s = c.request({ op: 'exec', process: execProcess(['head', '-c', '100000000', '/dev/zero']), tty: false, stdin: false, detach: false }); s.output.stdout = () => '';
await s.closed; log('exec 100MB', performance.now() - t, s.replies, s.output.stdout().length);
