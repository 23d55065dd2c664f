/** `finetuneAuditor.compareAudits`: two audits side by side, as a document. */
import { l10n, ProgressLocation } from 'vscode';
import { compareReadAuditsInSteps, readTwoAudits, type AuditComparison } from '../records/report/compare-audits.js';
import { isSameFolder } from '../records/journal/audit-files.js';
import { formatComparisonMarkdown } from '../records/report/comparison-markdown.js';
import { showAuditDocument } from '../views/audit-documents.js';
import { linkCompletion } from '../views/markdown-pages.js';
import { computeInSlices } from '../runner/in-slices.js';
import type { CommandSignatures } from './command-ids.js';
import { pickAudit } from './pick-audit.js';
import type { Services } from './services.js';
import { withProgress } from '../editor/shown/messages.js';

export function makeCompareAuditsCommand(services: Services): CommandSignatures['finetuneAuditor.compareAudits'] {
  return async (first, second) => {
    const one = first ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should be compared?')));
    if (one === undefined) return;
    const other = second ?? (await pickAudit(services, l10n.t('With which other audit?'), { without: (folder) => isSameFolder(folder, one) }));
    if (other === undefined) return;
    const comparison = await withProgress({ location: ProgressLocation.Window, title: l10n.t('Comparing…') }, () => compare(one, other));
    const name = l10n.t('{0} and {1}', comparison.first.name, comparison.second.name);
    await showAuditDocument(
      name,
      `${one}\n${other}`,
      formatComparisonMarkdown(comparison, ({ folder }, id, shown) => linkCompletion(folder, id, shown)),
    );
  };
}

async function compare(first: string, second: string): Promise<AuditComparison> {
  return computeInSlices(compareReadAuditsInSteps(await readTwoAudits(first, second)));
}
