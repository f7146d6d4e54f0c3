import { describe, expect, it } from 'vitest';
import type { PackageLock } from './package-lock.ts';
import { softwareBillOfMaterials } from './sbom.ts';

const lock: PackageLock = {
  packages: {
    operator: {
      name: '@autoweave/operator',
      version: '0.1.0',
      license: 'Apache-2.0',
      dependencies: { '@autoweave/crds': '0.1.0', '@a/b': '1' },
    },
    crds: { name: '@autoweave/crds', version: '0.1.0', license: 'Apache-2.0', dependencies: { c: '2', unused: '1' } },
    'node_modules/@autoweave/crds': { resolved: 'crds', link: true },
    'node_modules/@a/b': { version: '1.0.0', license: 'MIT', integrity: 'sha512-AAEC', dependencies: { c: '1' } },
    'node_modules/@a/b/node_modules/c': { version: '1.5.0', license: 'MIT OR Apache-2.0' },
    'node_modules/c': { version: '2.0.0' },
    'node_modules/unused': { version: '1.0.0' },
  },
};
const source = { version: '0.1.0', revision: undefined, epoch: 1_700_000_000 };
const packages = ['crds', 'node_modules/@a/b', 'node_modules/@a/b/node_modules/c', 'node_modules/c', 'operator'];
const bill = (contents: readonly string[]) =>
  softwareBillOfMaterials({ name: 'autoweave/operator', source, packages: contents, lock });

describe('a bill of materials', () => {
  it('names each package by its URL, with licence and digest', () => {
    expect(bill(packages)).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { timestamp: '2023-11-14T22:13:20.000Z', component: { name: 'autoweave/operator', version: '0.1.0' } },
      components: expect.arrayContaining([
        {
          type: 'library',
          'bom-ref': 'pkg:npm/%40a/b@1.0.0',
          name: '@a/b',
          version: '1.0.0',
          purl: 'pkg:npm/%40a/b@1.0.0',
          licenses: [{ expression: 'MIT' }],
          hashes: [{ alg: 'SHA-512', content: '000102' }],
        },
      ]),
    });
  });

  it('says which of two versions a package depends on, and nothing of what is not in the image', () => {
    expect(bill(packages)).toMatchObject({
      dependencies: [
        { ref: 'autoweave/operator', dependsOn: ['pkg:npm/%40autoweave/operator@0.1.0'] },
        { ref: 'pkg:npm/%40autoweave/crds@0.1.0', dependsOn: ['pkg:npm/c@2.0.0'] },
        { ref: 'pkg:npm/%40a/b@1.0.0', dependsOn: ['pkg:npm/c@1.5.0'] },
        { ref: 'pkg:npm/c@1.5.0', dependsOn: [] },
        { ref: 'pkg:npm/c@2.0.0', dependsOn: [] },
        {
          ref: 'pkg:npm/%40autoweave/operator@0.1.0',
          dependsOn: ['pkg:npm/%40a/b@1.0.0', 'pkg:npm/%40autoweave/crds@0.1.0'],
        },
      ],
    });
  });

  it('is the same for the same content, and has another number for another', () => {
    expect(bill(packages)).toEqual(bill(packages));
    expect(bill(packages)).toHaveProperty('serialNumber', expect.stringMatching(uuid));
    expect(bill(['crds'])).not.toHaveProperty(
      'serialNumber',
      (bill(packages) as { serialNumber: string }).serialNumber,
    );
  });

  it('refuses a package that package-lock.json does not have', () => {
    expect(() => bill(['node_modules/other'])).toThrow('package-lock.json has no node_modules/other');
  });
});

const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
