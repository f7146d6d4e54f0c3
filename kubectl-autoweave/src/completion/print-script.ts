import { AutoWeaveError } from '@autoweave/platform/errors';
import type { Output } from '../terminal/output.ts';
import { completionScripts } from './scripts.ts';

/** @throws AutoWeaveError AW_CONFIG_INVALID for a shell that there is no script for. */
export async function printCompletionScript(shell: string, output: Output): Promise<void> {
  const script = new Map<string, string>(Object.entries(completionScripts)).get(shell);
  if (script === undefined) {
    const message = `shell "${shell}" is not known; there are ${Object.keys(completionScripts).join(', ')}`;
    throw new AutoWeaveError('AW_CONFIG_INVALID', message, { field: 'shell', value: shell });
  }
  await output.write(script);
}
