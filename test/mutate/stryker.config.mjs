// @ts-check
// What `run.mjs` starts StrykerJS with; it names the files and the folder for results.
const results = process.env['MUTATE_RESULTS'] ?? 'test/results/mutate';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutate/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // What runs once, when a module is loaded, would need every test file anew for every change.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `${results}/incremental.json`,
  concurrency: 2,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: `${results}/report.json` },
  ignorePatterns: ['dist', 'media/*.gguf', 'test/results', 'test/e2e'],
};
