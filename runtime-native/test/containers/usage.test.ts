import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cgroupUsage } from '#runtime/containers/container-usage.ts';
import { readProcess } from '#runtime/host/process-table.ts';

/** Controller directories with these files. */
function cgroups(tree: Readonly<Record<string, Readonly<Record<string, string>>>>): {
  readonly directories: ReadonlyMap<string, string>;
} & Disposable {
  const root = mkdtempSync('/tmp/tsc-usage-');
  const directories = new Map<string, string>();
  for (const [controller, files] of Object.entries(tree)) {
    const directory = join(root, controller);
    mkdirSync(directory);
    directories.set(controller, directory);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  }
  return { directories, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

test('cgroup v2', () => {
  using one = cgroups({
    unified: {
      'cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
      'memory.current': '5000000\n',
      'memory.stat': 'anon 1\ninactive_file 1000000\n',
      'memory.max': 'max\n',
      'io.stat': '254:0 rbytes=100 wbytes=20 rios=1\n254:16 rbytes=1 wbytes=2 rios=1\n',
      'pids.current': '3\n',
    },
  });
  assert.equal(cgroupUsage(one.directories, []), {
    ...{ cpuMs: 2500, memoryBytes: 4_000_000, memoryLimitBytes: totalmem(), readBytes: 101, writtenBytes: 22, processes: 3 },
  });
});

test('cgroup v1 with all controllers', () => {
  using one = cgroups({
    cpuacct: { 'cpuacct.usage': '2500000000\n' },
    memory: {
      'memory.usage_in_bytes': '5000000\n',
      'memory.stat': 'inactive_file 5\ntotal_inactive_file 1000000\n',
      'memory.limit_in_bytes': '8000000\n',
    },
    blkio: { 'blkio.throttle.io_service_bytes': '254:0 Read 100\n254:0 Write 20\n254:0 Sync 120\nTotal 120\n' },
    pids: { 'pids.current': '3\n' },
  });
  assert.equal(cgroupUsage(one.directories, []), {
    ...{ cpuMs: 2500, memoryBytes: 4_000_000, memoryLimitBytes: 8_000_000, readBytes: 100, writtenBytes: 20, processes: 3 },
  });
});

test('what has no controller comes from the processes', () => {
  using one = cgroups({ freezer: {} });
  const self = readProcess(process.pid);
  assert.ok(self);
  assert.match(self.command, /node/);
  assert.is(self.parentPid, process.ppid);
  assert.ok(self.startedAtMs < Date.now() + 1000 && self.startedAtMs > Date.now() - 3600_000, String(self.startedAtMs));
  const { cpuMs, processes } = cgroupUsage(one.directories, [{ ...self, cpuMs: 30, childrenCpuMs: 12 }]);
  assert.equal({ cpuMs, processes }, { cpuMs: 42, processes: 1 });
});

test.run();
