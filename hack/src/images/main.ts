import { parseArgs } from 'node:util';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { runImages } from './run-images.ts';

const usage = `npm run images -- [build | list | sbom <image> | measure] [--base=<image>] [--architecture=amd64|arm64]

  build    the images of the product as files (docker-archive), where the cache does not have them; the default
  list     also the images that the local cluster runs beside them
  sbom     prints what is in an image: operator, node-agent or runner
  measure  sizes, times from start to ready, and memory

  --base          what they are built on instead of node:26-bookworm-slim
  --architecture  instead of that of this machine, for build and sbom`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { base: { type: 'string' }, architecture: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) console.log(usage);
  else await runImages({ ...values, words: positionals });
} catch (error) {
  if (error instanceof AutoWeaveError) console.error(error.message);
  else if (isAboutParameters(error)) console.error(`${error.message}\n\n${usage}`);
  else throw error;
  process.exitCode = 2;
}

/** See https://nodejs.org/api/errors.html#err_parse_args_unknown_option and its neighbours. */
function isAboutParameters(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
