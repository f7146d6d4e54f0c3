import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];
const integration = ['**/*.integration.test.ts'];
const endToEnd = ['**/*.e2e.test.ts'];
/** With images, containers and kubelets: these need root, and minutes. */
const cluster = ['**/*.cluster.test.ts'];

/** Where to put the results as JSON, beside what is printed. */
const resultsFile = process.env['VITEST_RESULTS_FILE'];

export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, ...integration, ...endToEnd, ...cluster],
          // A busy machine is slow, not broken.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: integration,
          exclude,
          globalSetup: ['hack/src/testing/global-setup.ts'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: 'e2e',
          include: endToEnd,
          exclude,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000, interval: 200 } },
        },
      },
      {
        test: {
          name: 'cluster',
          include: cluster,
          exclude,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
          expect: { poll: { timeout: 180_000, interval: 500 } },
        },
      },
    ],
  },
});
