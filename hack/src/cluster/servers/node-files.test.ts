import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeNames, network } from '../network.ts';
import { nodeFiles } from './node-files.ts';

const paths = { configuration: '/run/configuration', networkPlugins: '/bin/plugins', runc: '/bin/runc' };

describe('the configuration of a node', () => {
  it('has no file name in common with that of another node, so that both fit one directory', () => {
    const names = nodeNames.flatMap((node) => Object.keys(nodeFiles({ node, paths, cgroupRoot: '/' })));
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets nobody in without credentials', () => {
    const files = nodeFiles({ node: 'host', paths, cgroupRoot: '/autoweave' });
    expect(parse(files['kubelet-host.yaml'] ?? '')).toMatchObject({
      authentication: { anonymous: { enabled: false } },
      authorization: { mode: 'Webhook' },
      cgroupRoot: '/autoweave',
    });
  });

  it('gives each node pod addresses of its own', () => {
    const subnets = nodeNames.map((node) => {
      const files = nodeFiles({ node, paths, cgroupRoot: '/' });
      return JSON.parse(files[`network-${node}/10-pods.conflist`] ?? '').plugins[0].ipam.ranges[0][0].subnet as string;
    });
    expect(subnets).toEqual([network.podRanges.host, network.podRanges.usb]);
  });
});
