import { describe, expect, it } from 'vitest';
import { productionPackages } from './production-packages.ts';

describe('the packages of production', () => {
  it('are those that are not for development, and the links to workspaces', () => {
    const installed = {
      packages: {
        operator: { version: '0.1.0' },
        'node_modules/vitest': { version: '5.1.1', dev: true },
        'node_modules/ioredis': { version: '6.0.0', integrity: 'sha512-x' },
        'node_modules/@autoweave/operator': { link: true },
      },
    };
    expect(productionPackages(installed)).toEqual([
      { path: 'node_modules/@autoweave/operator', identity: 'node_modules/@autoweave/operator link ' },
      { path: 'node_modules/ioredis', identity: 'node_modules/ioredis 6.0.0 sha512-x' },
    ]);
  });
});
