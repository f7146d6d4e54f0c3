import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.ts';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
const dayMilliseconds = 86_400_000;

export interface CertificateOptions {
  /** Made up when not given. */
  readonly commonName?: string;
  readonly purpose?: 'server' | 'client';
  readonly now?: Date;
}

/**
 * A throw-away certificate that is its own authority: the other side is given it as the CA.
 * `names` are host names and IPv4 addresses of a server.
 */
export function selfSignedCertificate(names: readonly string[], options: CertificateOptions = {}): Certificate {
  const { commonName = `autoweave-local-${randomBytes(6).toString('hex')}`, now = new Date() } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = distinguishedName(commonName);
  const usage = options.purpose === 'client' ? clientAuthentication : serverAuthentication;
  const alternatives = names.length === 0 ? [] : [alternativeNames(names)];
  const body = der.sequence(
    der.tagged(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    subject,
    der.sequence(
      der.utcTime(new Date(now.getTime() - dayMilliseconds)),
      der.utcTime(new Date(now.getTime() + 365 * dayMilliseconds)),
    ),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(3, der.sequence(basicConstraints(), keyUsage(), usage(), ...alternatives)),
  );
  const certificate = der.sequence(body, ecdsaWithSha256, der.bitString(sign('sha256', body, privateKey)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(commonName))));
}

function extension(identifier: string, critical: boolean, content: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(identifier), der.boolean(critical), der.octetString(content));
}

const basicConstraints = (): Buffer => extension('2.5.29.19', true, der.sequence(der.boolean(true)));
/** digitalSignature and keyCertSign. */
const keyUsage = (): Buffer => extension('2.5.29.15', true, der.bitString(Buffer.from([0x84]), 2));
const serverAuthentication = (): Buffer => extendedKeyUsage('1.3.6.1.5.5.7.3.1');
const clientAuthentication = (): Buffer => extendedKeyUsage('1.3.6.1.5.5.7.3.2');
const extendedKeyUsage = (purpose: string): Buffer =>
  extension('2.5.29.37', false, der.sequence(der.objectIdentifier(purpose)));

function alternativeNames(names: readonly string[]): Buffer {
  const generalNames = names.map((name) =>
    isIP(name) === 4
      ? der.taggedPrimitive(7, Buffer.from(name.split('.').map(Number)))
      : der.taggedPrimitive(2, Buffer.from(name)),
  );
  return extension('2.5.29.17', false, der.sequence(...generalNames));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
