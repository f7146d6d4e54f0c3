import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../../package.json' with { type: 'json' };
import { releaseUrl } from './krew-manifest.ts';
import { makeRelease } from './make-release.ts';

const { version } = packageJson;
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: join(import.meta.dirname, '../../../dist/kubectl-plugin') },
    'release-url': { type: 'string', default: releaseUrl(version) },
  },
});
const release = await makeRelease({ directory: values.directory, version, releaseUrl: values['release-url'] });
const shown = (path: string): string => relative(process.cwd(), path);
console.log(
  `Built ${shown(release.program)} (${Math.round(release.bytes / 1000)} kB): copy it to a directory of PATH.`,
);
console.log(`Packed ${shown(release.archive)} for krew, with ${shown(release.manifest)}.`);
