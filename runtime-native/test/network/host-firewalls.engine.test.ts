// timeout: 180s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runApart } from './apart.ts';

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

test('when routes take all private space, the refusal says which, and a written subnet still works', () => {
  const [refusal, cidr] = runApart(`
    ip('link', 'add', 'vpn0', 'type', 'bridge');
    ip('link', 'set', 'vpn0', 'up');
    for (const route of ['10.0.0.0/8', '172.16.0.0/12']) ip('route', 'add', route, 'dev', 'vpn0');
    const error = await fixture.engine.createNetwork(networkSpec('none')).catch((caught) => caught);
    await fixture.engine.createNetwork(networkSpec('written', { pools: [{ subnet: '203.0.113.0/24' }] }));
    console.log(JSON.stringify([String(error), ip('-br', '-4', 'addr')]));
  `) as readonly string[]; // the script's output
  assert.match(refusal ?? '', /network "none".*route 10\.0\.0\.0\/8 of link "vpn0".*route 172\.16\.0\.0\/12 of link "vpn0"/s);
  assert.match(cidr ?? '', '203.0.113.1/24');
});

test.run();
