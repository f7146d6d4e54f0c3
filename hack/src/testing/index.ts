export { type ChartRole, chartRoles, type PolicyRule } from './chart-roles.ts';
export { type ControlPlane, type ControlPlaneOptions, hostAddressInGuest, startControlPlane } from './control-plane.ts';
export { kubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
export { applyManifests, type KubectlAccess, runKubectl } from './manifests.ts';
export { type RedisServer, type RedisServerOptions, startRedisServer } from './redis-server.ts';
