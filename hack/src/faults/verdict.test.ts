import { groupVersion, type HotplugEvent, type JobResult, type UsbDevice } from '@autoweave/crds';
import { describe, expect, it } from 'vitest';
import { type Outcome, problemsOf, transitionProblems } from './verdict.ts';

function event(sequence: number, action: 'attach' | 'detach'): HotplugEvent {
  return {
    schema: '1',
    eventId: `n/e/${sequence}`,
    node: 'n',
    epoch: 'e',
    sequence,
    action,
    source: 'netlink',
    partial: false,
    deviceName: 'stick',
    deviceSignature: '',
    identityQuality: 'Serial',
    vendorId: '0951',
    productId: '1666',
    manufacturer: '',
    product: '',
    serialNumber: '',
    busNumber: 1,
    deviceAddress: 5,
    portPath: '1',
    sysfsName: '1-1',
    interfaceClasses: [],
    timestamp: 0,
    traceparent: '',
  };
}

function result(sequence: number): JobResult {
  return {
    jobId: `job-${sequence}`,
    type: 'usb.attach',
    plugin: { namespace: 'a', name: 'b' },
    node: 'n',
    eventId: `n/e/${sequence}`,
    state: 'Succeeded',
    startedAt: 0,
    finishedAt: 0,
    traceparent: '',
  };
}

function device(present: boolean): UsbDevice {
  return {
    apiVersion: groupVersion,
    kind: 'UsbDevice',
    metadata: { name: 'stick' },
    status: {
      attachments: [{ nodeName: 'n', present, sysfsName: '1-1' }],
      conditions: [
        { type: 'Attached', status: present ? 'True' : 'False', reason: 'Test', message: '', lastTransitionTime: '' },
      ],
    },
  };
}

const good: Outcome = {
  plugged: new Set(['1-1']),
  events: [event(1, 'attach'), event(2, 'detach'), event(3, 'attach')],
  results: [result(1), result(2), result(3)],
  devices: [device(true)],
  resultEvents: ['job-1', 'job-2', 'job-3'],
  counted: { succeeded: 3, failed: 0 },
};

describe('the verdict on a run with faults', () => {
  it('has nothing to say when all is as promised', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  it.each<[string, Partial<Outcome>, string]>([
    ['a lost event', { events: [event(1, 'attach'), event(3, 'detach')] }, 'n/e/3 came where sequence 2 was due'],
    [
      'an epoch that comes back',
      { events: [event(1, 'attach'), { ...event(1, 'detach'), epoch: 'f' }, event(2, 'attach')] },
      'n/e/2 is of an epoch that had ended',
    ],
    ['a transition told twice', { events: [event(1, 'attach'), event(2, 'attach')] }, 'tells a second attach of 1-1'],
    ['a stale stream', { plugged: new Set<string>() }, '1-1 is away, the stream says otherwise'],
    ['a lost UsbDevice', { devices: [] }, 'there is no UsbDevice stick'],
    ['a stale UsbDevice', { devices: [device(false)] }, 'UsbDevice stick says present: false'],
    ['a lost result', { results: [result(1), result(3)] }, 'n/e/2 has 0 results'],
    ['a result recorded twice', { results: [...good.results, result(2)] }, 'n/e/2 has 2 results'],
    ['a failed job', { results: [result(1), result(2), { ...result(3), state: 'Failed' }] }, 'job job-3 ended Failed'],
    ['a repeated Event', { resultEvents: [...good.resultEvents, 'job-2'] }, 'job job-2 has 2 Kubernetes Events, not 1'],
    ['a lost Event', { resultEvents: ['job-1', 'job-3'] }, 'job job-2 has 0 Kubernetes Events, not 1'],
    ['a result counted twice', { counted: { succeeded: 4, failed: 0 } }, '4 results counted in the status, not 3'],
  ])('finds %s', (_, planted, problem) => {
    expect(problemsOf({ ...good, ...planted }).join('\n')).toContain(problem);
  });

  it('knows two devices apart that were in one port after the other', () => {
    const before = { ...device(false), metadata: { name: 'mouse' } };
    const events = [
      { ...event(1, 'attach'), deviceName: 'mouse' },
      { ...event(2, 'detach'), deviceName: 'mouse' },
      event(3, 'attach'),
    ];
    expect(problemsOf({ ...good, events, devices: [before, device(true)] })).toEqual([]);
  });

  it('finds a condition that does not follow the attachments', () => {
    const stale = device(true);
    const devices = [{ ...stale, status: { ...stale.status, conditions: [] } }];
    expect(problemsOf({ ...good, devices }).join('\n')).toContain('Attached=undefined');
  });
});

describe('the comparison with what happened', () => {
  const operations = [
    { action: 'attach', sysfsName: '1-1', address: 5 },
    { action: 'detach', sysfsName: '1-1', address: 5 },
    { action: 'attach', sysfsName: '1-1', address: 5 },
  ] as const;

  it('accepts the same transitions', () => {
    expect(transitionProblems(operations, good.events)).toEqual([]);
  });

  it('names the first difference of a port', () => {
    expect(transitionProblems(operations, good.events.slice(0, 2))).toEqual([
      'transition 3 of 1-1 was attach of address 5, the stream has none',
    ]);
  });
});
