import { apiGroup, leaseName } from '@autoweave/crds';
import { KubeError } from '@autoweave/platform/kube';
import { mayDo, permissionText, serviceAccountUser, type Permission } from './access-review.ts';
import { fail, ok, someOf, warn, type Check, type DoctorWorld, type Finding } from './check-result.ts';

interface ServiceAccount {
  readonly user: string;
  /** What it cannot work without. */
  readonly needs: readonly Permission[];
  /** What would make it more than it should be. */
  readonly mustNot: readonly Permission[];
}

const own = (verb: string, resource: string, subresource?: string): Permission => ({
  verb,
  group: apiGroup,
  resource,
  ...(subresource === undefined ? {} : { subresource }),
});
const core = (verb: string, resource: string): Permission => ({ verb, group: '', resource });

function serviceAccounts({ installation }: DoctorWorld): readonly ServiceAccount[] {
  const { systemNamespace, nodeNamespace } = installation;
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: systemNamespace, name: leaseName };
  return [
    {
      user: serviceAccountUser(systemNamespace, 'autoweave-operator'),
      needs: [
        ...['usbdevices', 'usbnodes', 'autoweaveplugins', 'autoweavepolicies'].flatMap((resource) => [
          own('list', resource),
          own('watch', resource),
        ]),
        own('delete', 'usbdevices'),
        own('patch', 'usbdevices', 'status'),
        own('patch', 'autoweaveplugins', 'status'),
        { verb: 'create', group: 'events.k8s.io', resource: 'events', namespace: 'default' },
        { verb: 'get', ...lease },
        { verb: 'update', ...lease },
      ],
      mustNot: [
        core('list', 'secrets'),
        core('create', 'nodes'),
        core('delete', 'nodes'),
        own('create', 'autoweaveplugins'),
      ],
    },
    {
      user: serviceAccountUser(nodeNamespace, 'autoweave-node-agent'),
      needs: [
        ...['usbdevices', 'usbnodes'].flatMap((resource) => [own('patch', resource), own('patch', resource, 'status')]),
        own('watch', 'usbnodes'),
        { ...own('get', 'autoweavepolicies'), name: 'default' },
        { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' },
      ],
      mustNot: [core('list', 'secrets'), core('list', 'pods'), core('patch', 'nodes'), own('delete', 'usbdevices')],
    },
  ];
}

/** Whether the service accounts may do what they must, and nothing that they should not. */
export const serviceAccountsCheck: Check = {
  name: 'service accounts',
  run: async (world) => {
    const { operator, agents } = world.installation;
    if (operator === undefined && agents === undefined) return [];
    try {
      return (await Promise.all(serviceAccounts(world).map((account) => judge(world, account)))).flat();
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 403) throw error;
      return [
        warn('You may not ask what service accounts may do', 'Ask somebody who may create subjectaccessreviews.'),
      ];
    }
  },
};

async function judge({ session }: DoctorWorld, { user, needs, mustNot }: ServiceAccount): Promise<readonly Finding[]> {
  const ask = (permissions: readonly Permission[]) => Promise.all(permissions.map((one) => mayDo(session, one, user)));
  const [needed, forbidden] = await Promise.all([ask(needs), ask(mustNot)]);
  const missing = needs.filter((_, index) => needed[index] === false).map(permissionText);
  const excess = mustNot.filter((_, index) => forbidden[index] === true).map(permissionText);
  return [
    missing.length === 0
      ? ok(`${user} may do what it must`)
      : fail(
          `${user} may not ${someOf(missing)}`,
          'Install the roles and bindings of the chart again, in the same namespaces.',
        ),
    ...(excess.length === 0
      ? []
      : [warn(`${user} may also ${someOf(excess)}`, 'Remove the binding that grants it; the chart does not.')]),
  ];
}
