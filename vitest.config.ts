import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { scaled } from './test/bed/timeouts.mjs';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          globalSetup: ['test/unit/build-programs.ts'],
          // Most of them wait for a process: two share even a machine with two cores.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: scaled(30_000),
          hookTimeout: scaled(60_000),
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          // One workbench at a time: a browser, a server, an extension host and a model process share the machine.
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: scaled(180_000),
          hookTimeout: scaled(180_000),
        },
      },
    ],
  },
});
