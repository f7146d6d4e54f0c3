import { parseArgs } from 'node:util';
import { provideClusterTools, provideKwok } from './cluster-tools.ts';
import { toolContext } from './context.ts';
import { provideHelm } from './helm-tools.ts';
import { provideKubernetesTools } from './kubernetes-tools.ts';
import { provideRedisServer } from './redis-tool.ts';

/** Gets everything the tests start, before they start, so that their time limits do not count it. */
const { values } = parseArgs({
  options: {
    redis: { type: 'boolean', default: true },
    helm: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const context = toolContext();
await provideKubernetesTools(context);
if (values.cluster) {
  await provideClusterTools(context);
  await provideKwok(context);
}
if (values.cluster || values.helm) {
  await provideHelm(3, context);
  await provideHelm(4, context);
}
if (values.redis) await provideRedisServer(context);
