/** Runs one audit for a command, with progress on stderr and a clean stop on Ctrl-C. */
import type { RunOutcome, RunRequest } from '../runner/types.js';
import { LocalAuditRunner } from '../runner/local-audit-runner.js';
import { createModels, MEDIA_FOLDER, type ComputeOptions } from './environment.js';
import { listenForStop } from './exit.js';
import { createProgressDisplay } from './progress-display.js';

/** @throws AuditError as the runner does */
export async function runWithProgress(request: RunRequest, compute: ComputeOptions): Promise<RunOutcome> {
  const models = createModels(compute);
  const runner = new LocalAuditRunner({ models, mediaFolder: MEDIA_FOLDER, toolVersion: __TOOL_VERSION__ });
  const stop = listenForStop();
  const display = createProgressDisplay(process.stderr);
  const told: string[] = [];
  try {
    return await runner.run(
      request,
      {
        onSetup: (setup) => told.push(...setup.remarks),
        onStatus: (status) => {
          for (const remark of told.splice(0)) process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}note: ${remark}\n`);
          display.show(status);
        },
      },
      stop.signal,
    );
  } finally {
    display.end();
    stop.dispose();
    await models.dispose();
  }
}
