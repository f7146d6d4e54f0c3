import { kwokAnnotation } from './servers/kwok.ts';

const label = 'autoweave.dev/simulated';
/** Selects simulated nodes. */
export const kwokSelector = `${label}=true`;

/** A List of `count` nodes `kwok-0` and so on, as they are before kwok simulates them. */
export function kwokNodes(count: number): unknown {
  const items = Array.from({ length: count }, (_none, index) => {
    const name = `kwok-${index}`;
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        annotations: kwokAnnotation,
        labels: { [label]: 'true', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
      },
      // Only pods that tolerate it are for simulated nodes.
      spec: { taints: [{ key: label, value: 'true', effect: 'NoSchedule' }] },
    };
  });
  return { apiVersion: 'v1', kind: 'List', items };
}
