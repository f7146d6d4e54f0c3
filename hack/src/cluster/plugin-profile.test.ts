import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly unknown[];
}

interface Profile {
  readonly defaultAction: string;
  readonly architectures: readonly string[];
  readonly syscalls: readonly Rule[];
}

const file = join(import.meta.dirname, '../../../docs/seccomp/autoweave-plugin.json');
const profile = JSON.parse(await readFile(file, 'utf8')) as Profile;

function allowing(name: string): Rule[] {
  return profile.syscalls.filter(({ names, action }) => names.includes(name) && action === 'SCMP_ACT_ALLOW');
}

describe('the seccomp profile of plugin containers', () => {
  it('refuses what it does not name', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
  });

  it.each(['socket', 'socketpair'])('allows %s for the family AF_UNIX only', (name) => {
    const rules = allowing(name);
    expect(rules.map(({ args }) => args)).toEqual([[{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }]]);
  });

  it.each(['socketcall', 'io_uring_setup', 'io_uring_enter', 'io_uring_register'])(
    'does not allow %s, which is a way around',
    (name) => {
      expect(allowing(name)).toEqual([]);
    },
  );

  it('is for 64 bits only, as a 32-bit program could use socketcall', () => {
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64']);
  });
});
