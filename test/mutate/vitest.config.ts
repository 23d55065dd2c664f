/** The tests that changes are held against, as `run.mjs` chose them: folders of the `pure` project. */
import { defineConfig } from 'vitest/config';

const folders = process.env['MUTATE_TESTS']?.split(',') ?? ['audit', 'analysis', 'records', 'runner', 'webview'];

export default defineConfig({
  test: {
    include: folders.map((folder) => `test/pure/${folder}/**/*.test.{ts,tsx}`),
    // Modules are loaded once, not for every test file: a change takes a fifth of a second instead of five.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
