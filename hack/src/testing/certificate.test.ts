import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { selfSignedCertificate } from './certificate.ts';

describe('a self-signed certificate', () => {
  it('is its own authority, for the names it was made for and no others', () => {
    const { certificate, privateKey } = selfSignedCertificate(['localhost', '127.0.0.1', '10.0.2.2']);
    const parsed = new X509Certificate(certificate);
    expect(parsed.ca).toBe(true);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkIP('10.0.2.2')).toBe('10.0.2.2');
    expect(parsed.checkIP('10.0.2.3')).toBeUndefined();
  });

  it('is valid from yesterday for a year', () => {
    const now = new Date('2030-06-15T12:34:56Z');
    const parsed = new X509Certificate(selfSignedCertificate(['localhost'], { now }).certificate);
    expect(parsed.validFromDate.toISOString()).toBe('2030-06-14T12:34:56.000Z');
    expect(parsed.validToDate.toISOString()).toBe('2031-06-15T12:34:56.000Z');
  });

  it('serves TLS to a client that trusts only it', async () => {
    const { certificate, privateKey } = selfSignedCertificate(['127.0.0.1']);
    const server = createServer({ cert: certificate, key: privateKey }, (socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, ca: certificate });
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    expect(greeting.toString()).toBe('hello');
    expect(socket.authorized).toBe(true);
    socket.destroy();
    server.close();
  });
});
