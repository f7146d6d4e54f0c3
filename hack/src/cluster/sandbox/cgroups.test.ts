import { describe, expect, it } from 'vitest';
import { cgroupMounts } from './cgroups.ts';

describe('the hierarchies of cgroups', () => {
  it('are found on a machine with cgroup v2', () => {
    const mounts = [
      '24 1 0:22 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
      '30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate',
    ];
    expect(cgroupMounts(mounts.join('\n'))).toEqual([{ path: '/sys/fs/cgroup', version: 2 }]);
  });

  it('are found on a machine with both versions', () => {
    const mounts = [
      '31 24 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
      '32 31 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      '33 31 0:29 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    ];
    expect(cgroupMounts(mounts.join('\n'))).toEqual([
      { path: '/sys/fs/cgroup/memory', version: 1 },
      { path: '/sys/fs/cgroup/unified', version: 2 },
    ]);
  });
});
