export { type ClusterTools, type NodeTools, provideClusterTools, provideKwok } from './cluster-tools.ts';
export { type ToolContext, toolContext } from './context.ts';
export { provideHelm } from './helm-tools.ts';
export { type KubernetesTools, provideKubernetesTools } from './kubernetes-tools.ts';
export { provideRedisServer } from './redis-tool.ts';
