export { pluginController, type PluginControllerOptions } from './plugin-controller.ts';
