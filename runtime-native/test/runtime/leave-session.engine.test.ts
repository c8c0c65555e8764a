// timeout: 60s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cgroupMounts, removeEmptyGroups } from '#runtime/host/cgroup-mounts.ts';
import { leaveSession, supervisorGroup } from '#runtime/host/leave-session.ts';

test('a process leaves the control group of its session, and without systemd it stays', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const pid = child.pid ?? 0;
    const groups = () => readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const before = groups();
    leaveSession(pid, cgroupMounts(), false);
    assert.is(groups(), before);
    leaveSession(pid, cgroupMounts(), true);
    // Where the trees may be written, which a test machine inside a container may not.
    if (groups() !== before) assert.match(groups(), /^\d+:(name=systemd)?:\/tscompose-supervisors$/m);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    removeEmptyGroups(cgroupMounts().mounts, supervisorGroup);
  }
});

test.run();
