import { makeWorld, execProcess, run, eventually, launch } from './supervised.ts';
import { readFileSync, readdirSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const log = (...a: unknown[]) => console.log(...a);
await using w = makeWorld('crun');
run('ip', 'link', 'add', 'tsvbr0', 'type', 'bridge');
run('ip', 'addr', 'add', '10.231.7.1/24', 'dev', 'tsvbr0');
run('ip', 'link', 'set', 'tsvbr0', 'up');
try {
  const table = `${w.root}/run/net`;
  const net = (n: number) => ({
    network: { mode: 'private' as const, endpoints: [{ bridge: 'tsvbr0', interfaceName: 'eth0', mac: `02:42:0a:e7:07:0${n}`, ipv4: `10.231.7.${n}/24`, gateway4: '10.231.7.1', mtu: 1500, hairpin: true }], sysctls: [{ key: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
    dns: { tables: [table], upstreams: [], ipv6: false },
    names: [{ table, addresses: [`10.231.7.${n}`], names: [`svc${n}`, 'both'], canonical: `c${n}` }],
  });
  const a = w.container('a', { ...net(2), args: ['sh', '-c', 'while :; do echo hi | nc -l -p 80; done'], ports: [{ hostIp: '127.0.0.1', hostPort: 18080, protocol: 'tcp', containerIp: '10.231.7.2', containerPort: 80 }] });
  const b = w.container('b', { ...net(3), args: ['sleep', '100'] });
  log(await w.launch([{ op: 'start', container: a }, { op: 'start', container: b }]));
  const sh = async (c: typeof a, text: string, tty = false) => { const s = c.request({ op: 'exec', process: execProcess(['sh', '-c', text], tty), tty, stdin: false, detach: false, rows: 30, columns: 100 }); await s.closed; return [JSON.stringify(s.replies.at(-1)), s.output.stdout(), s.output.stderr()].join('\n'); };
  log(await sh(b, 'ip addr; ip route; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; nslookup svc2 127.0.0.11; nslookup both 127.0.0.11; nc -w 1 10.231.7.2 80; ls -l /proc/self/fd; ls /proc/1/fd'));
  log(await sh(b, 'tty; stty size; echo hi', true));
  log(run('sh', '-c', 'echo | nc -w 1 127.0.0.1 18080 || true; bridge link show | grep tsvbr0; ip -6 addr show master tsvbr0'));
  const clash = w.container('c', { ...net(4), ports: [{ hostIp: '127.0.0.1', hostPort: 18080, protocol: 'tcp', containerIp: '10.231.7.2', containerPort: 80 }] });
  log(await clash.start(), clash.finalStatus());
  log(await w.launch([{ op: 'start', container: a }]), 'busy');
  log(run('sh', '-c', `cat ${table}/names`));
  log(run('sh', '-c', `ls -l /proc/${a.status()?.supervisorPid}/fd; grep -E 'VmRSS|RssAnon|RssFile' /proc/${a.status()?.supervisorPid}/status; cat /proc/${a.status()?.supervisorPid}/smaps_rollup | grep -E 'Pss|Private'; ps -o pid,ppid,rss,args --ppid ${a.status()?.supervisorPid}`));
  process.kill(a.status()!.supervisorPid, 9);
  log(await w.launch([{ op: 'cleanup', container: a }]), a.finalStatus(), run('sh', '-c', `cat ${table}/names; ls /sys/fs/cgroup/memory/tsv-test`));
  log(await w.launch([{ op: 'cleanup', container: b }]));
  const p = b.status()!.pid;
  log(await b.call({ op: 'kill', signal: 9 }), (await b.until((s) => s.state === 'exited')).exitCode, existsSync(`/proc/${p}`));
} finally { run('ip', 'link', 'del', 'tsvbr0'); }
const t = w.container('t', { args: ['sh', '-c', 'stty size; read x; echo got $x; tty'], process: { tty: true, stdinOpen: true, rows: 20, columns: 70 } });
log(await t.start());
const at = t.request({ op: 'attach', stdin: true });
await at.until(() => at.replies.length > 0);
at.send(1, 'typed\n');
await at.closed; log(at.replies, at.output.stdout(), t.log(), t.finalStatus()?.exitCode);
const i = w.container('i', { args: ['cat'], process: { tty: false, stdinOpen: true } });
log(await i.start());
const ai = i.request({ op: 'attach', stdin: true }); ai.send(1, 'abc\n'); ai.send(1, '');
await ai.closed; log(ai.replies, ai.output.stdout());
const r = w.container('r', { args: ['sh', '-c', 'echo run; test -f /data/x && sleep 0.1; touch /data/x; exit 4'], restart: { policy: 'on-failure', maxRetries: 3, delayMs: 20, maxDelayMs: 200 } });
log(await r.start(), await r.until((s) => s.state === 'exited'), r.log().length);
const h = w.container('h', { health: { argv: ['sh', '-c', 'echo check; test -f /data/ok'], intervalMs: 100, timeoutMs: 1000, startPeriodMs: 0, startIntervalMs: 50, retries: 2 } });
log(await h.start()); log(JSON.stringify(await h.until((s) => s.health?.status === 'unhealthy')));
const touch = h.request({ op: 'exec', process: execProcess(['touch', '/data/ok']), tty: false, stdin: false, detach: true }); await touch.closed; log(touch.replies);
log(JSON.stringify(await h.until((s) => s.health?.status === 'healthy')));
const o = w.container('o', { args: ['sh', '-c', 'echo 0 > /proc/self/oom_score_adj; x=$(yes aaaaaaaaaaaaaaaaaaaaaaaaaaa); echo $x'] });
log(await o.start(), await o.until((s) => s.state === 'exited'));
const n = w.container('n', { args: ['nosuch'] }); log(await n.start(), n.finalStatus());
const u = w.container('u', { args: ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'], stop: { signal: 15, timeoutMs: 300 } });
log(await u.start()); await sleep(100); const t0 = performance.now(); log(await u.call({ op: 'stop' }), performance.now() - t0, u.status()?.exitCode);
mkdirSync(`${w.root}/lower/seed/sub`, { recursive: true }); run('sh', '-c', `cd ${w.root}/lower/seed; echo 1 > f; ln f sub/g; ln -s /etc/passwd l; mknod dev c 1 3; chown 33:33 f; chmod 4755 f; setfattr -n user.x -v y f 2>/dev/null; truncate -s 1M sparse; touch -d 2001-01-01 sub; chmod 1777 .; chown 5:6 .`);
mkdirSync(`${w.root}/vol`); 
const f = w.container('f', { prepare: [{ kind: 'fill', from: '/seed', to: `${w.root}/vol` }, { kind: 'fill', from: '/none', to: `${w.root}/vol` }] });
log(await f.start(), run('sh', '-c', `cd ${w.root}; ls -lanis vol vol/sub; getfattr -d -m - vol vol/f`));
const big = w.container('big', { args: ['sh', '-c', 'head -c 300000000 /dev/zero | tr "\\0" a | sed 1q >/dev/null; seq 1 3000000'], log: { driver: 'json-file', path: `${w.root}/state/big/log.json`, maxSizeBytes: 1000000000, maxFiles: 2 } });
const t1 = performance.now(); log(await big.start()); await big.until((s) => s.state === 'exited', 30000); log('big', performance.now() - t1, run('sh', '-c', `wc -l ${w.root}/state/big/log.json; tail -1 ${w.root}/state/big/log.json; ls -l ${w.root}/state/big/`));
