import { describe, expect, it } from 'vitest';
import { dnsConfiguration, upstreamServers } from './dns.ts';

describe('the DNS server', () => {
  it('asks the name servers of the machine for names outside the cluster', () => {
    const servers = upstreamServers('search example.org\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n');
    expect(servers).toEqual(['192.0.2.53', '2001:db8::53']);
    expect(dnsConfiguration(servers)).toContain('forward . 192.0.2.53 2001:db8::53\n');
  });

  it('asks nobody when the only one is on the loopback interface, which is another one in the sandbox', () => {
    const servers = upstreamServers('# by systemd-resolved\nnameserver 127.0.0.53\noptions edns0\n');
    expect(servers).toEqual([]);
    expect(dnsConfiguration(servers)).not.toContain('forward');
  });
});
