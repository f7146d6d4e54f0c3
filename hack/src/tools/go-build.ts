import { join } from 'node:path';
import { runCommand } from '../processes/run-command.ts';
import type { Go } from './go.ts';
import type { Product } from './products.ts';

/** Builds the tools of a product from its pinned modules into `directory`. @throws CommandError with Go's output. */
export async function buildProduct(options: {
  readonly product: Product;
  readonly go: Go;
  readonly directory: string;
  readonly tell: (detail: string) => void;
}): Promise<void> {
  const { product, go, directory, tell } = options;
  const { build } = product;
  let packages = 0;
  for (const tool of product.tools) {
    const parameters = [
      'build',
      '-v',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      ...(build.flags ?? []),
      `-ldflags=${['-s', '-w', ...build.linkerFlags].join(' ')}`,
      `-o=${join(directory, tool)}`,
      build.packages[tool] ?? tool,
    ];
    await runCommand(go.path, parameters, {
      directory: build.directory,
      environment: { CGO_ENABLED: build.needsC === true ? '1' : '0', GOWORK: 'off', ...go.environment },
      onOutput: (text) => {
        packages += text.split('\n').length - 1;
        tell(`${packages} packages`);
      },
    });
  }
}
