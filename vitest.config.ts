import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { scaled } from './test/bed/timeouts.mjs';

// Most tests wait for a process: two of them share even a machine with two cores.
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    projects: [
      {
        // Seconds: no build and no process.
        test: {
          name: 'pure',
          include: ['test/pure/**/*.test.{ts,tsx}'],
          maxWorkers,
          testTimeout: scaled(30_000),
          hookTimeout: scaled(60_000),
        },
      },
      {
        // Programs, models, servers and files of other processes.
        test: {
          name: 'process',
          include: ['test/process/**/*.test.{ts,tsx}'],
          globalSetup: ['test/process/build-programs.ts'],
          maxWorkers,
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
