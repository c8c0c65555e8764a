// timeout: 180s
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const limit = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

/** Runs a script in a network namespace of its own: policies and chains are the whole machine's. */
function runApart(script: string): unknown {
  const namespace = `tscfw-${randomBytes(3).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', namespace], limit);
  try {
    const argv = ['netns', 'exec', namespace, process.execPath, '--input-type=module', '-e', `${setUp}\n${script}`];
    return JSON.parse(execFileSync('ip', argv, { ...limit, encoding: 'utf8', cwd: new URL('../../..', import.meta.url) }));
  } finally {
    execFileSync('ip', ['netns', 'delete', namespace], limit);
  }
}

const setUp = `
import { execFileSync } from 'node:child_process';
const { engineFixture, networkSpec } = await import('./runtime-native/test/engine-fixture.ts');
const iptables = (...argv) => execFileSync('iptables', argv, { encoding: 'utf8', timeout: 30_000 });
const nft = (input) => execFileSync('nft', ['-f', '-'], { input, timeout: 30_000 });
await using fixture = await engineFixture();
const make = (name, bridge) => fixture.engine.createNetwork(networkSpec(name, { driverOpts: { 'com.docker.network.bridge.name': bridge } }));
`;

test('where iptables drops what is forwarded, as with ufw or Docker, each bridge is let pass, and no rule stays', () => {
  const [during, dockers, after] = runApart(`
    iptables('-P', 'FORWARD', 'DROP');
    await make('one', 'tsc-fw24');
    const during = iptables('-S', 'FORWARD');
    await fixture.engine.removeNetwork('one');
    iptables('-N', 'DOCKER-USER');
    await make('two', 'tsc-fw25');
    const dockers = iptables('-S', 'DOCKER-USER');
    await fixture.engine.removeNetwork('two');
    console.log(JSON.stringify([during, dockers, iptables('-S')]));
  `) as readonly string[]; // the script's output
  assert.match(during ?? '', '-A FORWARD -i tsc-fw24 -j ACCEPT');
  assert.match(during ?? '', '-A FORWARD -o tsc-fw24 -j ACCEPT');
  assert.match(dockers ?? '', '-A DOCKER-USER -i tsc-fw25 -j ACCEPT');
  assert.not.match(after ?? '', 'tsc-fw');
});

test('a chain that refuses the rest, as firewalld’s, is named with the bridge; one that knows the bridge is not', () => {
  const notices = runApart(`
    nft(\`
      table inet firewalld {
        chain filter_FORWARD {
          type filter hook forward priority 10; policy accept;
          ct state established,related accept
          iifname "known0" accept
          counter reject with icmpx admin-prohibited
        }
      }
      table inet harmless {
        chain watch {
          type filter hook forward priority 20; policy accept;
          counter
        }
      }
    \`);
    await make('unknown', 'tsc-fw24');
    await make('known', 'known0');
    console.log(JSON.stringify(fixture.notices));
  `) as readonly { readonly code: string; readonly message: string; readonly hint: string }[]; // the script's output
  assert.equal(
    notices.map((one) => one.code),
    ['engine.firewall-blocks'],
  );
  assert.match(notices[0]?.message ?? '', /tsc-fw24.*inet firewalld filter_FORWARD/);
  assert.match(notices[0]?.hint ?? '', 'firewall-cmd --permanent --zone=trusted --add-interface=tsc-fw24');
});

test.run();
