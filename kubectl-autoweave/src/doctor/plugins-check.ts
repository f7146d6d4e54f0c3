import { conditionTypes, resources, type AutoWeavePlugin } from '@autoweave/crds';
import { findCondition, objectKey } from '@autoweave/platform/kube';
import { listAll } from '../cluster/list-all.ts';
import { ok, someOf, warn, type Check } from './check-result.ts';

/** Whether every plugin that should run does. */
export const pluginsCheck: Check = {
  name: 'plugins',
  run: async ({ session }) => {
    const { client, signal } = session;
    const options = { pageSize: 50, keep: faultOf, signal };
    const { items } = await listAll(client, resources.autoWeavePlugin, options);
    const faults = items.filter((fault) => fault !== undefined);
    if (faults.length === 0) return [ok(`${items.length} plugins, all Ready or suspended`)];
    const message = `${faults.length} of ${items.length} plugins are not Ready: ${someOf(faults)}`;
    return [warn(message, 'See kubectl describe awp; kubectl autoweave why tells it for one device.')];
  },
};

function faultOf(plugin: AutoWeavePlugin): string | undefined {
  const { spec, status } = plugin;
  const ready = findCondition(status?.conditions ?? [], conditionTypes.ready);
  if (spec.suspend === true || ready?.status === 'True') return undefined;
  return `${objectKey(plugin)} (${status?.phase ?? 'not looked at yet'}${ready === undefined ? '' : `: ${ready.message}`})`;
}
