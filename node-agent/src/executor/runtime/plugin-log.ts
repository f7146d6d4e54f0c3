import type { Logger } from '@autoweave/platform/telemetry';
import type { PluginLogMessage } from './runner-session.ts';

/** A message of a plugin as a line of this process: what the plugin says stays in fields of its own. */
export function logPluginMessage(logger: Logger, { plugin, level, message, fields }: PluginLogMessage): void {
  const { namespace, name } = plugin;
  logger[level]({ plugin: { namespace, name, message, ...(fields === undefined ? {} : { fields }) } }, 'Plugin logged');
}
