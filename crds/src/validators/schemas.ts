import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import hotplugEventSchema from '../../schemas/hotplug-event.schema.json' with { type: 'json' };
import pluginManifestSchema from '../../schemas/plugin-manifest.schema.json' with { type: 'json' };
import runnerProtocolSchema from '../../schemas/runner-protocol.schema.json' with { type: 'json' };
import type { HotplugEvent } from '../hotplug-event.ts';
import type { PluginManifest } from '../job.ts';
import type { ExecutorMessage, RunnerMessage } from '../runner-protocol.ts';

/**
 * The schemas, compiled. The first error ends a validation: input may be hostile. `verbose` hands the wrong value and
 * the schema's `x-expected` (what to write instead, for people) to `validationFailure`.
 */
const ajv = new Ajv2020({
  strict: true,
  allErrors: false,
  discriminator: true,
  verbose: true,
  keywords: ['x-expected'],
  schemas: [hotplugEventSchema, pluginManifestSchema, runnerProtocolSchema],
});

export const isHotplugEvent = compiled<HotplugEvent>(hotplugEventSchema.$id);
export const isPluginManifest = compiled<PluginManifest>(pluginManifestSchema.$id);
export const isExecutorMessage = compiled<ExecutorMessage>(`${runnerProtocolSchema.$id}#/$defs/executorMessage`);
export const isRunnerMessage = compiled<RunnerMessage>(`${runnerProtocolSchema.$id}#/$defs/runnerMessage`);

function compiled<T>(id: string): ValidateFunction<T> {
  return ajv.compile<T>({ $ref: id });
}
