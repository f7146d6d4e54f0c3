import type { ChartCluster } from './chart-cluster.ts';

/** Each place where a right may differ: ours, and two that are not. */
const namespaces = ['autoweave-system', 'autoweave-node', 'autoweave-plugins', 'default', 'kube-system'];

/**
 * All that a service account may do, as `kubectl auth can-i --list` tells it, by namespace; without what every
 * authenticated user may (discovery, and asking for its own rights). Empty: nothing.
 */
export async function rightsOf(
  cluster: ChartCluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<string> {
  const user = `--as=system:serviceaccount:${namespace}:${name}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  const found = await Promise.all(
    namespaces.map(async (place) => {
      const parameters = ['auth', 'can-i', '--list', '--no-headers', `--namespace=${place}`, user];
      const output = await cluster.kubectl([...parameters, ...groups.map((group) => `--as-group=${group}`)]);
      const lines = output.split('\n').map((line) => line.trimEnd().replaceAll(/ {2,}/g, '  '));
      return { place: `in ${place}`, rights: lines.filter((line) => line !== '' && !isEverybodys(line)).toSorted() };
    }),
  );
  const everywhere = found[0]?.rights.filter((right) => found.every(({ rights }) => rights.includes(right))) ?? [];
  const only = found.map(({ place, rights }) => ({
    place,
    rights: rights.filter((right) => !everywhere.includes(right)),
  }));
  return [{ place: 'everywhere', rights: everywhere }, ...only]
    .filter(({ rights }) => rights.length > 0)
    .map(({ place, rights }) => `${place}:\n${rights.map((right) => `  ${right}\n`).join('')}`)
    .join('\n');
}

function isEverybodys(line: string): boolean {
  return /^self\w+reviews?\./.test(line) || /^\s*\[\/.*\]\s+\[\]\s+\[get\]$/.test(line);
}
