export { nodeLabelsController, type NodeLabelsControllerOptions } from './node-labels-controller.ts';
