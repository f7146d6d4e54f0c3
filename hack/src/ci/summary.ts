import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { summarize } from './summarize.ts';

/** Prints what the runs of vitest that left their JSON results in a directory came to; fails unless all passed. */
const [directory = '.'] = process.argv.slice(2);
const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).toSorted();
const reports = await Promise.all(
  names.map(async (name) => ({ name: basename(name, '.json'), json: await readFile(join(directory, name), 'utf8') })),
);
const { lines, success } = summarize(reports);
for (const line of lines) console.log(line);
process.exitCode = success ? 0 : 1;
