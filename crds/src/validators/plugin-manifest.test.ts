import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PluginManifest } from '../index.ts';
import { parsePluginManifest } from './plugin-manifest.ts';
import type { ValidationFailure } from './validation-failure.ts';

/** Many runs take long on a busy machine. */
const patience = { timeout: 60_000 };

const digest = `sha256:${'0'.repeat(64)}`;

const manifest: PluginManifest = {
  manifestVersion: 1,
  name: 'device-inventory',
  version: '1.2.3-rc.1+build.5',
  description: 'Keeps a record of every device',
  entry: 'src/index.js',
  type: 'device-handler',
  files: { 'src/index.js': digest, 'data.json': digest },
  permissions: {
    usb: [{ operation: 'monitor' }, { operation: 'monitor', vendorIds: ['046d'], deviceClasses: ['03'] }],
    storage: { maxKeys: 1000 },
  },
};

function failureOf(value: unknown): ValidationFailure | undefined {
  const parsed = parsePluginManifest(JSON.stringify(value));
  return parsed.ok ? undefined : parsed.failure;
}

function messageOf(changes: Record<string, unknown>): string | undefined {
  return failureOf({ ...manifest, ...changes })?.message;
}

describe('a plugin manifest', () => {
  it('is accepted with every field, and with the required ones', () => {
    const { manifestVersion, name, version, entry, files } = manifest;
    expect(failureOf(manifest)).toBeUndefined();
    expect(failureOf({ manifestVersion, name, version, entry, files })).toBeUndefined();
    expect(failureOf({ manifestVersion, name, version, files: {} })).toBeUndefined();
  });

  it.each([
    [{ manifestVersion: 2 }, 'manifestVersion is 2; give 1'],
    [{ name: 'Inventory' }, 'name is "Inventory"; give at most 63 lowercase letters'],
    [{ version: '1.0' }, 'version is "1.0"; give a semantic version of at most 64 characters, e.g. 1.0.0'],
    [{ entry: 'index.js' }, 'entry is "index.js"; name one of files: src/index.js, data.json'],
    [{ entry: '/etc/passwd' }, 'entry is "/etc/passwd"; give a relative path'],
    [{ type: 'driver' }, 'type is "driver"; give one of "device-handler", "security-scanner"'],
    [{ files: {} }, 'entry is "src/index.js"; name one of files: '],
    [{ files: { 'src/index.js': 'abc' } }, 'files["src/index.js"] is "abc"; give sha256: and 64 lowercase hex digits'],
    [{ files: { '../index.js': digest } }, 'files["../index.js"] is "../index.js"; name it as a relative path'],
    [{ files: { 'autoweave.plugin.json': digest } }, 'files["autoweave.plugin.json"]'],
    [{ permission: {} }, 'permission is {}; no such field is known, remove it or use one of $schema, manifestVersion'],
    [
      { permissions: { usb: [{ operation: 'write' }] } },
      'permissions.usb[0].operation is "write"; give one of "monitor"',
    ],
    [
      { permissions: { usb: [{ operation: 'monitor', vendorIds: ['05AC'] }] } },
      'permissions.usb[0].vendorIds[0] is "05AC"',
    ],
    [{ permissions: { storage: {} } }, 'permissions.storage.maxKeys is missing; add it'],
    [{ permissions: { network: [] } }, 'permissions.network is []; no such field is known'],
  ])('with %j is refused by field, value and remedy', (changes, message) => {
    expect(messageOf(changes)).toContain(message);
  });

  it.each(['.', '..', 'a/..', 'a/../b', './a', 'a//b', '/a', 'a/', 'a\\b', 'a b', '', '__proto__', 'ä.js'])(
    'may not have a file %j',
    (path) => {
      const files = Object.fromEntries([
        ['src/index.js', digest],
        [path, digest],
      ]);
      expect(failureOf({ ...manifest, files })?.field).toBe(
        `files[${JSON.stringify(path)}]`.replace('files["__proto__"]', 'files.__proto__'),
      );
    },
  );

  it.each(['...', '.hidden', 'a.b/c_d-e', '_helper.js'])('may have a file %j', (path) => {
    expect(messageOf({ files: { ...manifest.files, [path]: digest } })).toBeUndefined();
  });

  it('is judged without a throw, whatever it is', patience, () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...Object.keys(manifest)), (value, field) => {
        for (const candidate of [value, { ...manifest, [field]: value }]) {
          expect(() => failureOf(candidate)).not.toThrow();
        }
      }),
    );
  });
});

describe('the text of a plugin manifest', () => {
  it('is parsed', () => {
    expect(parsePluginManifest(JSON.stringify(manifest))).toEqual({ ok: true, value: manifest });
  });

  it('is refused with the place of the mistake when it is not JSON', () => {
    const result = parsePluginManifest('{"manifestVersion": 1,}');
    expect(result).toMatchObject({ ok: false, failure: { message: expect.stringContaining('position 22') } });
  });
});
