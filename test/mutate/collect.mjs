// @ts-check
// `describe`, `it` and hooks that remember tests instead of running them, so that `runner.mjs` can run any of them as often as it likes in one process;
// `expect` and `vi` are Vitest's own.

import { setTimeout as pause } from 'node:timers/promises';

// Vitest's functions ask for the worker that they run in.
Object.assign(globalThis, { __vitest_worker__: { config: {}, ctx: {}, environment: {}, providedContext: {}, durations: {}, rpc: {}, onCleanup() {} } });
const vitest = await import('vitest');
export const { vi } = vitest;

/**
 * Vitest's `expect.poll` wants a test of its own; this one tries as often, for as long.
 * @param {() => unknown} value
 */
function poll(value) {
  const attempt = async (/** @type {string} */ matcher, /** @type {unknown[]} */ args) => {
    const end = performance.now() + 1000;
    for (;;) {
      try {
        return /** @type {any} */ (vitest.expect(await value()))[matcher](...args);
      } catch (error) {
        if (performance.now() > end) throw error;
        await pause(20);
      }
    }
  };
  return new Proxy(
    {},
    {
      get:
        (_, matcher) =>
        (/** @type {unknown[]} */ ...args) =>
          attempt(String(matcher), args),
    },
  );
}

const check = /** @type {(value: unknown, message?: string) => unknown} */ (vitest.expect);
export const expect = Object.assign((/** @type {unknown} */ value, /** @type {string} */ message) => check(value, message), vitest.expect, { poll });

/** @typedef {() => unknown} Step */
/** @typedef {{beforeAll: Step[], afterAll: Step[], beforeEach: Step[], afterEach: Step[]}} Hooks */
/** @typedef {Hooks & {name: string, parent: Suite | null, skipped: boolean}} Suite */
/** @typedef {{id: string, name: string, file: string, suites: Suite[], run: Step, skipped: boolean}} Test `suites`: outermost first */

/** @type {Test[]} */
export const tests = [];
/** @type {Suite} */
let current;
let file = '';
/** @type {Step[]} */
let finishing = [];

/**
 * Collects the tests of one file.
 * @param {string} name from the root
 * @param {() => Promise<unknown>} load
 */
export async function collectFile(name, load) {
  file = name;
  current = createSuite('', null, false);
  await load();
}

/**
 * @param {string} name
 * @param {Suite | null} parent
 * @param {boolean} skipped
 * @returns {Suite}
 */
function createSuite(name, parent, skipped) {
  return { name, parent, skipped, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}

/** @param {unknown[]} args name, then options and function in either order */
function stepOf(args) {
  return /** @type {(...args: unknown[]) => unknown} */ (args.find((one) => typeof one === 'function'));
}

/** @param {boolean} skipped */
function describeWith(skipped) {
  return (/** @type {unknown} */ name, /** @type {unknown[]} */ ...rest) => {
    const outer = current;
    current = createSuite(String(name), outer, outer.skipped || skipped);
    stepOf(rest)();
    current = outer;
  };
}

/** @param {boolean} skipped */
function itWith(skipped) {
  return (/** @type {unknown} */ name, /** @type {unknown[]} */ ...rest) => {
    /** @type {Suite[]} */
    const suites = [];
    for (let suite = /** @type {Suite | null} */ (current); suite; suite = suite.parent) suites.unshift(suite);
    const title = [...suites.map((suite) => suite.name).slice(1), String(name)].join(' ');
    const same = tests.filter((test) => test.file === file && test.name === title).length;
    tests.push({
      id: `${file}#${title}${same ? ` (${same + 1})` : ''}`,
      name: title,
      file,
      suites,
      skipped: current.skipped || skipped,
      run: /** @type {Step} */ (stepOf(rest)),
    });
  };
}

/** @param {(skipped: boolean) => (name: unknown, ...rest: unknown[]) => void} make */
function withForms(make) {
  const each =
    (/** @type {readonly unknown[]} */ rows) =>
    (/** @type {string} */ name, /** @type {unknown[]} */ ...rest) => {
      const step = stepOf(rest);
      rows.forEach((row, index) => {
        const values = Array.isArray(row) ? row : [row];
        make(false)(`${name} [${index}]`, () => step(...values));
      });
    };
  return Object.assign(make(false), {
    each,
    skip: make(true),
    runIf: (/** @type {unknown} */ condition) => make(!condition),
    skipIf: (/** @type {unknown} */ condition) => make(Boolean(condition)),
  });
}

export const describe = withForms(describeWith);
export const it = withForms(itWith);
export const test = it;
export const beforeAll = (/** @type {Step} */ step) => void current.beforeAll.push(step);
export const afterAll = (/** @type {Step} */ step) => void current.afterAll.push(step);
export const beforeEach = (/** @type {Step} */ step) => void current.beforeEach.push(step);
export const afterEach = (/** @type {Step} */ step) => void current.afterEach.push(step);
export const onTestFinished = (/** @type {Step} */ step) => void finishing.push(step);
export const inject = () => {
  throw new Error('Nothing is built for tests that run in the process of StrykerJS.');
};

/**
 * Runs tests one after the other, with all hooks, until one fails.
 * @param {readonly Test[]} chosen in the order in which they were collected
 * @param {(test: Test | null) => void} [onTest] told which test begins, and that it has ended
 * @returns {Promise<{ran: {test: Test, timeMs: number}[], failed: {test: Test, message: string} | null}>}
 */
export async function runTests(chosen, onTest = () => undefined) {
  /** @type {{test: Test, timeMs: number}[]} */
  const ran = [];
  /** @type {Suite[]} */
  let open = [];
  /** @type {{test: Test, message: string} | null} */
  let failed = null;
  const close = async (/** @type {readonly Suite[]} */ kept) => {
    for (const suite of open.filter((one) => !kept.includes(one)).reverse()) for (const step of suite.afterAll.toReversed()) await step();
    open = open.filter((one) => kept.includes(one));
  };
  for (const test of chosen) {
    const start = performance.now();
    try {
      await close(test.suites);
      for (const suite of test.suites) {
        if (open.includes(suite)) continue;
        open.push(suite);
        for (const step of suite.beforeAll) await step();
      }
      onTest(test);
      finishing = [];
      try {
        for (const suite of test.suites) for (const step of suite.beforeEach) await step();
        await test.run();
      } finally {
        for (const suite of test.suites.toReversed()) for (const step of suite.afterEach.toReversed()) await step();
        for (const step of finishing.reverse()) await step();
      }
    } catch (error) {
      failed = { test, message: error instanceof Error ? error.message : String(error) };
    }
    onTest(null);
    ran.push({ test, timeMs: performance.now() - start });
    if (failed) break;
  }
  try {
    await close([]);
  } catch (error) {
    failed ??= ran.length ? { test: ran.at(-1)?.test ?? chosen[0], message: String(error) } : null;
  }
  return { ran, failed };
}
