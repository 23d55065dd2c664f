/** `finetuneAuditor.scanModels`: where the two models of an audit disagree over general text, as a document. */
import { l10n, ProgressLocation } from 'vscode';
import { PLAN_DEFAULTS, type AuditPlan } from '../audit/plan.js';
import type { DiffScanFigures } from '../analysis/diff-scan.js';
import { readCorpus } from '../records/corpus/read-corpus.js';
import { resolveBundledCorpus } from '../records/plan/bundled.js';
import { formatDiffScanMarkdown } from '../records/report/diff-scan-markdown.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import { openTextModels } from '../runner/text/open-text-models.js';
import { requireScannable, scanPassages } from '../runner/text/scan-passages.js';
import { withProgress } from '../editor/shown/messages.js';
import { showAuditDocument } from '../views/audit-documents.js';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import { wasCancelled } from './report-failure.js';
import { requirePlan } from './require-plan.js';
import { requireTrust } from './require-trust.js';
import type { Services } from './services.js';

const SCAN = { count: 200, tokens: 128, seed: 1, listed: 20, wave: 1 };

export function makeScanModelsCommand(services: Services): CommandSignatures['finetuneAuditor.scanModels'] {
  return async (given, count = SCAN.count) => {
    requireTrust();
    const folder = given ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('The two models of which audit?')));
    if (folder === undefined) return;
    const lease = await services.audits.open(folder);
    try {
      const { session } = lease;
      const plan = requirePlan(session);
      requireScannable(plan);
      const figures = await scan(services, session, plan, count);
      if (figures === null) return;
      const { finetuned, reference } = session.setup!;
      const names = { finetuned: finetuned.name, reference: reference.name };
      await showAuditDocument(l10n.t('Diff scan of {0}', session.displayName), `scan\n${folder}`, formatDiffScanMarkdown(figures, names));
    } finally {
      lease.release();
    }
  };
}

/** `null` where it was cancelled. */
async function scan({ models, mediaFolder }: Services, session: AuditSession, plan: AuditPlan, count: number): Promise<DiffScanFigures | null> {
  const title = l10n.t('Diff scan of {0}', session.displayName);
  try {
    return await withProgress({ location: ProgressLocation.Notification, cancellable: true, title }, async (progress, cancellation) => {
      const stop = new AbortController();
      cancellation.onCancellationRequested(() => stop.abort());
      progress.report({ message: l10n.t('loading the models') });
      // The program's own corpus: a plan of somebody else's may name any file.
      const { passages } = await readCorpus(
        PLAN_DEFAULTS.corpus.map((address) => resolveBundledCorpus(address, mediaFolder)),
        { signal: stop.signal },
      );
      const { models: open } = await openTextModels(models, mediaFolder, { plan, setup: session.setup }, stop.signal);
      try {
        const onProgress = (done: number, total: number): void =>
          progress.report({ message: l10n.t('{0} of {1} passages', done, total), increment: (100 * SCAN.wave) / total });
        return await scanPassages(open, { ...SCAN, count, passages }, onProgress, stop.signal);
      } finally {
        open.release();
      }
    });
  } catch (error) {
    if (wasCancelled(error)) return null;
    throw error;
  }
}
