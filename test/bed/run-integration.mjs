// @ts-check
// Runs test/integration inside a real extension host, on a copy of test/fixtures/workspace. The extension must be built.
//
//   node test/bed/run-integration.mjs [--grep TEXT]
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { REPOSITORY, startServer } from './server.mjs';
import { scaled } from './timeouts.mjs';
import { launchBrowser } from './workbench.mjs';

const SOURCES = join(REPOSITORY, 'test/integration');
const BUNDLES = join(REPOSITORY, 'dist/test-integration');
const FIXTURE = join(REPOSITORY, 'test/fixtures/workspace');

/** @typedef {import('../integration/events.js').SuiteEvent} SuiteEvent */

/**
 * @param {{grep?: string | undefined, say?: (line: string) => void}} [options]
 * @returns {Promise<{passed: number, failed: number, skipped: number, failures: string[]}>} a host that ends early or hangs counts as one failure more
 */
export async function runIntegration({ grep, say = console.log } = {}) {
  await bundleSuites();
  const results = join(REPOSITORY, 'test/results/integration.jsonl');
  mkdirSync(join(REPOSITORY, 'test/results'), { recursive: true });
  writeFileSync(results, '');
  const server = await startServer({
    extensions: [],
    environment: { FINETUNE_AUDITOR_TEST_RESULTS: results, ...(grep ? { FINETUNE_AUDITOR_TEST_GREP: grep } : {}) },
  });
  const browser = await launchBrowser();
  const counts = { passed: 0, failed: 0, skipped: 0, failures: /** @type {string[]} */ ([]) };
  let ended = false;
  let told = 0;
  let lastNews = Date.now();
  const follow = () => {
    const lines = readFileSync(results, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(told)) {
      lastNews = Date.now();
      const event = /** @type {SuiteEvent} */ (JSON.parse(line));
      if (event.type === 'end') {
        ended = true;
        continue;
      }
      counts[event.type]++;
      const sign = { passed: '✓', failed: '✗', skipped: '-' }[event.type];
      say(`  ${sign} ${event.title} (${event.milliseconds} ms)`);
      if (event.type !== 'failed') continue;
      const error = event.error.replace(/^/gm, '      ');
      say(error);
      counts.failures.push(`integration: ${event.title}\n${error}`);
    }
    told = lines.length;
  };
  try {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })).newPage();
    /** @type {number | undefined} */
    let exitCode;
    // The workbench calls these two when it runs with a test suite.
    await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => (exitCode = code));
    await page.exposeFunction('codeAutomationLog', () => {});
    await page.addInitScript(developInWorkbench, {
      extensions: [remoteUri(server, REPOSITORY)],
      extensionTestsPath: remoteUri(server, join(BUNDLES, 'index.cjs')),
    });
    await page.goto(server.workbenchAddress(server.copyWorkspace(FIXTURE)), { timeout: scaled(60_000) });
    while (exitCode === undefined && !ended && Date.now() - lastNews < scaled(180_000)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      follow();
    }
    follow();
    if (!ended) {
      counts.failed++;
      mkdirSync(join(REPOSITORY, 'test/results/screenshots'), { recursive: true });
      await page.screenshot({ path: join(REPOSITORY, 'test/results/screenshots/integration-failed.png') });
      const what = `the extension host ${exitCode === undefined ? 'said nothing for three minutes' : `ended early with code ${exitCode}`}`;
      counts.failures.push(`integration: ${what}`);
      say(`  ✗ ${what}`);
      say(readFileSync(server.logFile, 'utf8').slice(-4000));
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  return counts;
}

async function bundleSuites() {
  rmSync(BUNDLES, { recursive: true, force: true });
  const suites = existsSync(join(SOURCES, 'suite')) ? readdirSync(join(SOURCES, 'suite')).filter((name) => name.endsWith('.test.ts')) : [];
  if (!suites.length) throw new Error('test/integration/suite has no *.test.ts.');
  await build({
    entryPoints: [join(SOURCES, 'index.ts'), ...suites.map((name) => join(SOURCES, 'suite', name))],
    outbase: SOURCES,
    outdir: BUNDLES,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'node-llama-cpp'],
    define: { __TOOL_VERSION__: '"test"' },
    logLevel: 'warning',
  });
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {string} path
 */
function remoteUri(server, path) {
  return { scheme: 'vscode-remote', authority: `127.0.0.1:${server.port}`, path };
}

/**
 * In the browser: adds development options to the configuration that the workbench reads from its page, the only way to
 * a test suite that leaves notifications as a user sees them.
 * @param {{extensions: object[], extensionTestsPath: object}} options
 */
function developInWorkbench(options) {
  const getElementById = Document.prototype.getElementById;
  let done = false;
  Document.prototype.getElementById = function (/** @type {string} */ id) {
    const element = getElementById.call(this, id);
    if (element && id === 'vscode-workbench-web-configuration' && !done) {
      done = true;
      const configuration = JSON.parse(element.getAttribute('data-settings') ?? '{}');
      configuration.developmentOptions = { ...configuration.developmentOptions, ...options };
      element.setAttribute('data-settings', JSON.stringify(configuration));
    }
    return element;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--grep');
  const counts = await runIntegration({ grep: at > 0 ? process.argv[at + 1] : undefined });
  console.log(`integration: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed ? 1 : 0;
}
