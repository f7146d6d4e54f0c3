import { apiGroup } from '@autoweave/crds';
import { mayDo, permissionText, type Permission } from './access-review.ts';
import { ok, someOf, warn, type Check, type DoctorWorld } from './check-result.ts';

interface Need {
  readonly command: string;
  readonly permission: Permission;
}

const need = (command: string, permission: Permission): Need => ({ command, permission });

/** What the commands of this plugin ask for. Without the rest they still work in part. */
function neededPermissions({ installation }: DoctorWorld): readonly Need[] {
  const { systemNamespace, nodeNamespace } = installation;
  const ours = ['usbdevices', 'usbnodes', 'autoweaveplugins'];
  const inSystem = { namespace: systemNamespace };
  const inNode = { namespace: nodeNamespace };
  return [
    ...ours.map((resource) => need('tree, events, why', { verb: 'list', group: apiGroup, resource })),
    need('events', { verb: 'watch', group: apiGroup, resource: 'usbdevices' }),
    need('events', { verb: 'list', group: 'events.k8s.io', resource: 'events' }),
    need('events', { verb: 'watch', group: 'events.k8s.io', resource: 'events' }),
    need('why', { verb: 'get', group: apiGroup, resource: 'autoweavepolicies' }),
    need('why', { verb: 'list', group: '', resource: 'pods' }),
    need('doctor', { verb: 'list', group: '', resource: 'nodes' }),
    need('doctor', { verb: 'get', group: 'apps', resource: 'deployments', ...inSystem }),
    need('doctor', { verb: 'get', group: 'apps', resource: 'daemonsets', ...inNode }),
    need('doctor', { verb: 'list', group: '', resource: 'pods', ...inNode }),
    need('doctor', { verb: 'get', group: 'coordination.k8s.io', resource: 'leases', ...inSystem }),
    need('doctor', { verb: 'get', group: '', resource: 'pods', subresource: 'proxy', ...inSystem }),
  ];
}

/** Whether the caller may see what these commands show. */
export const callerCheck: Check = {
  name: 'your permissions',
  run: async (world) => {
    const needed = neededPermissions(world);
    const answers = await Promise.all(needed.map(({ permission }) => mayDo(world.session, permission)));
    const missing = needed.filter((_, index) => answers[index] === false);
    if (missing.length === 0) return [ok('You may see everything that these commands look at')];
    const texts = missing.map(({ command, permission }) => `${permissionText(permission)} (${command})`);
    const remedy = 'Ask for the ClusterRole of docs/kubectl.md, or do without what is in brackets.';
    return [warn(`You may not ${someOf(texts)}`, remedy)];
  },
};
