/**
 * Runs inside the extension host: the mocha suites that lie beside this file, each result appended to the file named by
 * the environment as soon as it is known, so that a crash of the host loses none.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import type { SuiteEvent } from './events.js';

export async function run(): Promise<void> {
  const resultsFile = process.env.FINETUNE_AUDITOR_TEST_RESULTS;
  if (!resultsFile) throw new Error('FINETUNE_AUDITOR_TEST_RESULTS is not set.');
  const report = (event: SuiteEvent) => appendFileSync(resultsFile, `${JSON.stringify(event)}\n`);

  process.setSourceMapsEnabled(true);
  const mocha = new Mocha({ ui: 'tdd', timeout: 120_000 * Number(process.env.E2E_TIMEOUT_SCALE ?? 1) });
  mocha.reporter(
    class extends Mocha.reporters.Base {
      constructor(runner: Mocha.Runner) {
        super(runner);
        const describe = (test: Mocha.Test) => ({ title: test.fullTitle(), milliseconds: test.duration ?? 0 });
        runner.on('pass', (test) => report({ type: 'passed', ...describe(test) }));
        runner.on('fail', (test, error) => report({ type: 'failed', ...describe(test), error: error.stack ?? String(error) }));
        runner.on('pending', (test) => report({ type: 'skipped', ...describe(test) }));
        runner.on('end', () => report({ type: 'end' }));
      }
    },
  );
  if (process.env.FINETUNE_AUDITOR_TEST_GREP) mocha.grep(process.env.FINETUNE_AUDITOR_TEST_GREP);
  const suiteFolder = join(__dirname, 'suite');
  for (const name of readdirSync(suiteFolder).sort()) if (name.endsWith('.test.cjs')) mocha.addFile(join(suiteFolder, name));

  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
