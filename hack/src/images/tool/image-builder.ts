import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../processes/run-command.ts';
import type { ToolContext } from '../../tools/index.ts';
import type { Base } from '../base.ts';
import type { Command, ContainerTool, ImageBuild } from './container-tool.ts';
import { findContainerTool } from './find-container-tool.ts';

/** A registry that is there begins to answer within this, and goes on. */
const silenceMilliseconds = 15_000;

/** Makes image archives with whatever tool this machine has. */
export class ImageBuilder {
  readonly #tool: ContainerTool;

  constructor(tool: ContainerTool) {
    this.#tool = tool;
  }

  /** @throws CommandError with what the tool wrote */
  async build(build: ImageBuild): Promise<void> {
    await runAll(this.#tool.build(build));
  }

  /** What `FROM` takes. @throws CommandError */
  async base({ archive, reference }: Base): Promise<string> {
    if (archive === undefined) return reference;
    await runAll(this.#tool.load(archive));
    return this.#tool.base(archive, reference);
  }

  /** @throws Error soon, where no registry can be reached */
  async pull(reference: string, platform: string, archive: string): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), silenceMilliseconds);
    try {
      const alive = (): unknown => timer.refresh();
      for (const command of this.#tool.pull(reference, platform, archive)) {
        const [program, ...parameters] = command;
        await runCommand(program, parameters, { signal: silence.signal, onOutput: alive });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async clean(): Promise<void> {
    await runAll(this.#tool.clean());
  }
}

/** Runs `work` with a builder, which may keep files in `directory` meanwhile. */
export async function withImageBuilder<T>(
  context: ToolContext,
  directory: string,
  work: (builder: ImageBuilder) => Promise<T>,
): Promise<T> {
  const store = join(directory, 'store');
  const builder = new ImageBuilder(await findContainerTool(context, store));
  try {
    return await work(builder);
  } finally {
    await builder.clean();
    await rm(store, { recursive: true, force: true });
  }
}

async function runAll(commands: readonly Command[]): Promise<void> {
  for (const [program, ...parameters] of commands) await runCommand(program, parameters);
}
