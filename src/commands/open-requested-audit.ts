/**
 * Opens the audit that the environment names, once the window is there: how `npm run demo -- --open` lands on the results
 * page of an editor that it starts itself. (A file named on an editor's command line opens before extensions are known.)
 */
import { resolve } from 'node:path';
import { reportFailure } from './report-failure.js';
import type { Services } from './services.js';

const VARIABLE = 'FINETUNE_AUDITOR_OPEN';

export async function openRequestedAudit(services: Services): Promise<void> {
  const folder = process.env[VARIABLE];
  if (!folder) return;
  try {
    await services.panels.show(resolve(services.auditsRoot(), folder));
  } catch (error) {
    reportFailure(services, error);
  }
}
