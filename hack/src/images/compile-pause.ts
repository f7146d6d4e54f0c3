import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import { provideCompiler } from '../tools/compiler.ts';
import type { ToolContext } from '../tools/index.ts';
import { imageSources } from './repository.ts';

/** Writes the program `pause` for this machine: static, as nothing else is in its image. */
export async function compilePause(context: ToolContext, directory: string): Promise<void> {
  await provideCompiler(context);
  const program = join(directory, 'pause');
  await runCommand('gcc', ['-Os', '-static', '-s', '-Wall', '-o', program, join(imageSources, 'pause/pause.c')]);
}
