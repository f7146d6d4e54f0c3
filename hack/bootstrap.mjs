// Runs a command of package.json in any checkout, also an empty one, on any Node from 20 on: installs what
// package-lock.json pins when that is not there, then goes on with the Node that was installed.
import { access } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from './bootstrap/commands.mjs';
import { dependenciesAreInstalled } from './bootstrap/dependencies.mjs';
import { run, withElapsedTime } from './bootstrap/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules/.bin');
const environment = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` };

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...extra]) {
  const command = commands[name];
  if (command === undefined) return fail(`Unknown command ${name}; known are ${Object.keys(commands).join(', ')}.`);
  const installed = await install();
  if (installed !== 0) return installed;
  const node = join(binaries, 'node');
  if (!(await exists(node))) {
    return fail(`${node} is missing: npm did not run install scripts. Run "npm ci --ignore-scripts=false".`);
  }
  for (const parameters of command(extra)) {
    const code = await run(node, parameters, { cwd: root, env: environment });
    if (code !== 0) return code;
  }
  return 0;
}

async function install() {
  if (await dependenciesAreInstalled(root)) return 0;
  const npm = process.env.npm_execpath;
  const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const parameters = [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const work = () => run(program, parameters, { cwd: root, env: process.env });
  return await withElapsedTime('Installing npm dependencies', work);
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

function fail(message) {
  console.error(message);
  return 1;
}
