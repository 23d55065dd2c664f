// @ts-check
// What `run.mjs` starts StrykerJS with; it names the files, the tests and the folder for results.
const results = process.env['MUTATE_RESULTS'] ?? 'test/results/mutate';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'in-process',
  plugins: ['./test/mutate/runner.mjs'],
  buildCommand: 'node test/mutate/compile.mjs',
  coverageAnalysis: 'perTest',
  // What runs once, when a module is loaded, would need all tests to be loaded anew for every change.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: `${results}/incremental.json`,
  timeoutMS: 10_000,
  // On a machine that others use, too.
  dryRunTimeoutMinutes: 30,
  reporters: ['progress-append-only'],
  ignorePatterns: ['dist', 'media/*.gguf', 'test/results', 'test/e2e', '.stryker-tmp'],
};
