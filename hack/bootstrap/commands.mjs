/**
 * What each `npm run` command does, as commands that follow each other. They run on the Node of node_modules, in the
 * root of the repository; `extra` are the parameters after `--`.
 *
 * @type {Record<string, (extra: string[]) => string[][]>}
 */
export const commands = {
  // It gets a Redis by itself, unless the user has one.
  start: (extra) => [
    [...tools, '--no-redis'],
    ['hack/src/start/main.ts', ...extra],
  ],
  test: (extra) => [[...tools, '--helm'], vitest(['unit', 'integration'], extra)],
  e2e: (extra) => [tools, guest, vitest(['e2e'], extra)],
  'e2e:cluster': (extra) => [tools, clusterTools, guest, vitest(['cluster'], extra)],
  bench: (extra) => [tools, ['hack/src/bench/main.ts', ...extra]],
  nightly: (extra) => [tools, ['hack/src/nightly/main.ts', ...extra]],
  cluster: (extra) => [...(extra[0] === 'up' ? [clusterTools] : []), ['hack/src/cluster/main.ts', ...extra]],
  images: (extra) => [['--disable-warning=ExperimentalWarning', 'hack/src/images/main.ts', ...extra]],
  generate: (extra) => [['hack/src/generate/main.ts', ...extra]],
  'kubectl-plugin': (extra) => [['hack/src/kubectl-plugin/main.ts', ...extra]],
  lint: (extra) => [
    ['node_modules/oxlint/bin/oxlint', '--type-aware', ...extra],
    ['node_modules/prettier/bin/prettier.cjs', '--check', '.'],
  ],
  format: () => [
    ['node_modules/prettier/bin/prettier.cjs', '--write', '.'],
    ['node_modules/oxlint/bin/oxlint', '--type-aware', '--fix'],
  ],
  types: (extra) => [['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'tsconfig.json', ...extra]],
};

/** Only what downloads may go through a proxy: everything else talks to servers on this machine. */
const tools = ['--use-env-proxy', 'hack/src/tools/main.ts'];
const clusterTools = [...tools, '--no-redis', '--cluster'];
const guest = ['hack/src/guest/main.ts'];

/**
 * @param {string[]} projects
 * @param {string[]} extra
 */
function vitest(projects, extra) {
  return ['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((name) => ['--project', name]), ...extra];
}
