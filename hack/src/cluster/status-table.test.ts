import { describe, expect, it } from 'vitest';
import { statusTable } from './status-table.ts';

describe('the status of the cluster', () => {
  it('is a table with aligned columns', () => {
    const table = statusTable([
      { kind: 'Server', name: 'kube-apiserver', state: 'Running', detail: 'process 1' },
      { kind: 'Node', name: 'usb', state: 'Ready', detail: '10.231.0.2' },
    ]);
    expect(table.split('\n')).toEqual([
      'KIND    NAME            STATE    DETAIL',
      'Server  kube-apiserver  Running  process 1',
      'Node    usb             Ready    10.231.0.2',
    ]);
  });
});
