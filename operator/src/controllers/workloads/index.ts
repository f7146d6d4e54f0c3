export { workloadsController, type WorkloadsControllerOptions } from './workloads-controller.ts';
