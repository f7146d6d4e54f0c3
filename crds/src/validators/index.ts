export { parseHotplugEvent } from './hotplug-event.ts';
export { manifestFileName, parsePluginManifest } from './plugin-manifest.ts';
export { parseExecutorMessage, parseRunnerMessage } from './runner-protocol.ts';
export type { Parsed, ValidationFailure } from './validation-failure.ts';
