import { parseArgs } from 'node:util';
import { toolContext } from './context.ts';
import { provideKubernetesTools } from './kubernetes-tools.ts';
import { provideRedisServer } from './redis-tool.ts';

/** Gets everything the tests start, before they start, so that their time limits do not count it. */
const { values } = parseArgs({ options: { redis: { type: 'boolean', default: true } }, allowNegative: true });
const context = toolContext();
await provideKubernetesTools(context);
if (values.redis) await provideRedisServer(context);
