import type { Plugin } from './plugin.ts';

/**
 * Declares a plugin; the default export of the entry module. It only helps the type checker: the same object comes
 * back, and nothing runs before the first hook.
 *
 * ```ts
 * export default definePlugin({
 *   onAttach(event, { log }) {
 *     log.info('Greeted a device', { product: event.device.product });
 *     return { greeted: event.device.name };
 *   },
 * });
 * ```
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
