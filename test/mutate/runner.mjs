// @ts-check
// A test runner for StrykerJS: imports all tests once and runs them in its own process, as often as there are changes. Vitest starts a worker and
// loads every module anew for each change, which takes ten times as long.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { determineHitLimitReached, DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import { runTests } from './collect.mjs';

/** Folders and files of tests, from the root. */
const CHOSEN = (process.env['MUTATE_TESTS'] ?? 'test/pure').split(';');

class InProcessRunner {
  /** @type {import('./collect.mjs').Test[]} */
  #tests = [];
  /** @type {typeof runTests} of the copy of the repository, which the tests are collected by */
  #run = runTests;
  /** @type {Map<string, number>} milliseconds that each test took last, by its id */
  #times = new Map();
  /** @type {string[]} errors outside of a test */
  #stray = [];

  #state = stateOfChanges();

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    process.on('unhandledRejection', (reason) => void this.#stray.push(String(reason)));
    // By its address in the copy of the repository, where the compiled tests import it from.
    const collected =
      /** @type {{tests: import('./collect.mjs').Test[], runTests: typeof runTests, collectFile: typeof import('./collect.mjs').collectFile}} */ (
        await import(pathToFileURL(resolve('test/mutate/collect.mjs')).href)
      );
    this.#tests = collected.tests;
    this.#run = collected.runTests;
    const names = ['test/pure', 'test/process'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
    );
    for (const name of names.sort()) {
      if (!name.endsWith('.test.ts') || !CHOSEN.some((path) => name === path || name.startsWith(`${path}/`))) continue;
      // Of tests with a DOM this process has none.
      if (readFileSync(name, 'utf8').includes('// @vitest-environment')) continue;
      await collected.collectFile(name, () => import(pathToFileURL(resolve(name.replace(/ts$/, 'js'))).href));
    }
  }

  /** @returns {Promise<import('@stryker-mutator/api/test-runner').DryRunResult>} */
  async dryRun() {
    delete this.#state.activeMutant;
    const chosen = this.#tests.filter(({ skipped }) => !skipped);
    const { ran, failed } = await this.#run(chosen, (test) => {
      if (test) this.#state.currentTestId = test.id;
      else delete this.#state.currentTestId;
    });
    if (failed) return { status: DryRunStatus.Error, errorMessage: `${failed.test.id}: ${failed.message}` };
    const results = ran.map(({ test: { id, name, file }, timeMs }) => ({
      id,
      name,
      fileName: resolve(file),
      timeSpentMs: timeMs,
      status: /** @type {const} */ (TestStatus.Success),
    }));
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: this.#state.mutantCoverage };
  }

  /**
   * @param {import('@stryker-mutator/api/test-runner').MutantRunOptions} options
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    const chosen = this.#tests.filter(({ id, skipped }) => !skipped && (!testFilter || testFilter.includes(id)));
    // What was quick so far comes first: most changes are noticed by it.
    chosen.sort((a, b) => (this.#times.get(a.id) ?? 0) - (this.#times.get(b.id) ?? 0));
    this.#stray = [];
    Object.assign(this.#state, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const { ran, failed } = await this.#run(chosen);
    for (const { test, timeMs } of ran) this.#times.set(test.id, timeMs);
    const timedOut = determineHitLimitReached(this.#state.hitCount, hitLimit);
    delete this.#state.activeMutant;
    delete this.#state.hitLimit;
    if (timedOut) return { status: MutantRunStatus.Timeout, reason: timedOut.reason ?? '' };
    if (!failed && this.#stray.length === 0) return { status: MutantRunStatus.Survived, nrOfTests: ran.length };
    // What the change has left behind in a module must not fail a test for the next one. Rejected, StrykerJS asks a new process.
    const culprit = failed?.test ?? /** @type {import('./collect.mjs').Test} */ (ran.at(-1)?.test);
    const again = await this.#run([culprit]);
    if (again.failed) throw new Error(`${culprit.id} fails without any change: ${again.failed.message}`);
    return { status: MutantRunStatus.Killed, killedBy: [culprit.id], failureMessage: failed?.message ?? this.#stray.join('\n'), nrOfTests: ran.length };
  }
}

/**
 * What changed code looks at, and writes to.
 * @returns {{activeMutant?: string, currentTestId?: string, hitCount?: number, hitLimit?: number | undefined, mutantCoverage?: any}}
 */
function stateOfChanges() {
  /** @type {Record<string, any>} */
  const globals = globalThis;
  return (globals[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
