import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  capabilitiesOf,
  capabilitySets,
  defaultCapabilities,
  grantedCapabilities,
  missingCapabilities,
} from '#runtime/bundle/capabilities.ts';
import { containerDevices, parseDeviceRule } from '#runtime/bundle/devices.ts';
import { parseSeccompProfile, resolveSeccomp } from '#runtime/bundle/seccomp.ts';
import { defaultSeccompProfile } from '#runtime/bundle/seccomp-default.ts';
import { securityOptions } from '#runtime/bundle/security.ts';

const facts = { architecture: 'x64', kernelRelease: '6.1.0-1', capabilities: defaultCapabilities };
const allowed = (capabilities: readonly string[]) =>
  new Set(
    resolveSeccomp(defaultSeccompProfile, { ...facts, capabilities })
      .syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW' && rule.args === undefined)
      .flatMap((rule) => rule.names),
  );

test('a container gets fourteen capabilities, and ALL in add or drop is the start of the other list', () => {
  const available = capabilitiesOf('000001ffffffffff');
  assert.is(grantedCapabilities({ available }).length, 14);
  const one = grantedCapabilities({ drop: ['ALL'], add: ['net_admin', 'CAP_CHOWN'], available });
  assert.equal(one, ['CAP_CHOWN', 'CAP_NET_ADMIN']);
  assert.not.ok(grantedCapabilities({ add: ['ALL'], drop: ['SYS_ADMIN'], available }).includes('CAP_SYS_ADMIN'));
  assert.is(grantedCapabilities({ privileged: true, available }).length, 41);
});

test('a machine whose root is confined grants no more than it has', () => {
  const available = capabilitiesOf('000001fffeffffff');
  assert.is(available.length, 40);
  assert.not.ok(grantedCapabilities({ privileged: true, available }).includes('CAP_SYS_RESOURCE'));
  assert.equal(missingCapabilities(['sys_resource', 'CHOWN', 'nonsense'], available), ['sys_resource']);
});

test('a user other than root keeps the bounding set only', () => {
  const sets = capabilitySets(['CAP_CHOWN'], 1000);
  assert.equal([sets.bounding, sets.effective, sets.permitted, sets.ambient], [['CAP_CHOWN'], [], [], []]);
});

test('the default profile refuses what needs a capability that the container lacks', () => {
  const plain = allowed(defaultCapabilities);
  for (const name of ['mount', 'unshare', 'bpf', 'keyctl', 'kexec_load', 'reboot']) assert.not.ok(plain.has(name), name);
  for (const name of ['read', 'openat2', 'execve', 'chroot', 'arch_prctl']) assert.ok(plain.has(name), name);
  assert.ok(allowed(['CAP_SYS_ADMIN']).has('mount'));
  const clone3 = resolveSeccomp(defaultSeccompProfile, facts).syscalls.find((rule) => rule.names[0] === 'clone3');
  assert.is(clone3?.errnoRet, 38);
  assert.is(resolveSeccomp(defaultSeccompProfile, facts).architectures.length, 3);
});

test('a profile of the user is resolved by kernel and architecture', () => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { name: 'chmod', action: 'SCMP_ACT_ERRNO' },
      { names: ['ptrace'], action: 'SCMP_ACT_ERRNO', includes: { minKernel: '99.0' } },
      { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', includes: { arches: ['arm64'] } },
    ],
  });
  const profile = parseSeccompProfile(text);
  assert.ok(profile);
  assert.equal(resolveSeccomp(profile, facts).syscalls, [{ names: ['chmod'], action: 'SCMP_ACT_ERRNO' }]);
  assert.is(parseSeccompProfile('{}'), undefined);
});

test('device rules start from nothing; privileged containers have all', () => {
  const { rules } = containerDevices({ privileged: false, devices: [], rules: ['c 10:* rw'] });
  assert.equal(rules[0], { allow: false, access: 'rwm' });
  assert.equal(rules.at(-1), { allow: true, type: 'c', major: 10, access: 'rw' });
  assert.equal(containerDevices({ privileged: true, devices: [], rules: [] }).rules, [{ allow: true, access: 'rwm' }]);
  assert.is(parseDeviceRule('c 10 rw'), undefined);
});

test('security options are read in both spellings, and unknown ones are kept for the refusal', () => {
  const options = securityOptions({ security_opt: ['no-new-privileges:true', 'seccomp=unconfined', 'magic=1'] });
  assert.is(options.noNewPrivileges, true);
  assert.is(options.seccomp, 'unconfined');
  assert.equal(options.unknown, ['magic=1']);
});

test.run();
