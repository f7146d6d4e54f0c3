export { type ToolContext, toolContext } from './context.ts';
export { type KubernetesTools, provideKubernetesTools } from './kubernetes-tools.ts';
export { provideRedisServer } from './redis-tool.ts';
