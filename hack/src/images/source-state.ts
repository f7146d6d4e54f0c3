import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AutoWeaveError } from '@autoweave/platform/errors';
import { runCommand } from '../processes/run-command.ts';
import { repository } from './repository.ts';

/** What of the sources goes into an image beside their content. */
export interface SourceState {
  /** Of package.json. */
  readonly version: string;
  /** Commit, or undefined outside of a clone. */
  readonly revision: string | undefined;
  /** Seconds since 1970: the time that all files of an image get. */
  readonly epoch: number;
}

/** The same for images whose content does not depend on the commit: 2026-01-01. */
export const undatedEpoch = 1_767_225_600;

/**
 * SOURCE_DATE_EPOCH wins over the time of the commit, see https://reproducible-builds.org/specs/source-date-epoch/.
 *
 * @throws AutoWeaveError AW_CONFIG_INVALID
 */
export async function readSourceState(environment: NodeJS.ProcessEnv): Promise<SourceState> {
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  const commit = await runCommand('git', ['log', '-1', '--format=%H %ct'], { directory: repository }).catch(() => '');
  const [revision = '', time = '0'] = commit.trim().split(' ');
  const wanted = environment['SOURCE_DATE_EPOCH'];
  if (wanted !== undefined && !/^\d{1,10}$/.test(wanted)) {
    throw new AutoWeaveError('AW_CONFIG_INVALID', `SOURCE_DATE_EPOCH: expected seconds since 1970, got "${wanted}"`);
  }
  const epoch = Number(wanted ?? time);
  return { version, revision: revision === '' ? undefined : revision, epoch };
}
