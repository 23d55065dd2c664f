/**
 * `finetuneAuditor.draftConclusion`: a language model drafts what the objective might be. The page asks for the same and shows the
 * draft itself; here it is shown as a document. Nothing is saved before the user says so.
 */
import { l10n, ProgressLocation } from 'vscode';
import { AuditError } from '../audit/errors.js';
import type { DraftAnswer } from '../messages/evidence.js';
import { escapeMarkdown, quoteText } from '../records/report/markdown-text.js';
import { CONFIDENCE_NAMES } from '../records/report/names.js';
import type { AuditSession } from '../runner/run/audit-session.js';
import { draftConclusion, type ConclusionDraft } from '../runner/drafting/draft-conclusion.js';
import { gatherDraftMaterial, type DraftRanking } from '../runner/drafting/draft-material.js';
import { showAuditDocument } from '../views/audit-documents.js';
import { linkCompletion } from '../views/markdown-pages.js';
import { computeInSlices } from '../runner/in-slices.js';
import type { CommandSignatures } from './command-ids.js';
import { confirmConclusion } from './confirm-conclusion.js';
import { pickAudit } from './pick-audit.js';
import { wasCancelled } from './report-failure.js';
import { requireTrust } from './require-trust.js';
import type { Services } from './services.js';
import { chooseDrafter } from '../wizard/choose-drafter.js';
import { showInformationMessage, withProgress } from '../editor/shown/messages.js';

/** For the page. What goes wrong is thrown; that the user wants none after all is a reason to tell nobody. */
export async function draftForPage(services: Services, session: AuditSession, ranking: DraftRanking, signal: AbortSignal): Promise<DraftAnswer> {
  try {
    return (await draft(services, session, ranking, signal)) ?? { reason: l10n.t('No model was chosen.') };
  } catch (error) {
    if (wasCancelled(error)) return { reason: l10n.t('The draft was cancelled.') };
    throw error;
  }
}

export function makeDraftConclusionCommand(services: Services): CommandSignatures['finetuneAuditor.draftConclusion'] {
  return async (folder) => {
    const chosen = folder ?? services.panels.active?.folder ?? (await pickAudit(services, l10n.t('Which audit should a conclusion be drafted for?')));
    if (chosen === undefined) return;
    const lease = await services.audits.open(chosen);
    try {
      const { session } = lease;
      const written = await draft(services, session, { score: session.defaultScore, framing: null });
      if (written) await offer(session, written);
    } finally {
      lease.release();
    }
  };
}

/** @returns undefined where the user does not want it */
async function draft(services: Services, session: AuditSession, ranking: DraftRanking, signal?: AbortSignal): Promise<ConclusionDraft | undefined> {
  requireTrust();
  if (session.records.length === 0) throw new AuditError('badJournal', l10n.t('There is no completion to conclude from yet.'));
  const material = await computeInSlices(gatherDraftMaterial(session, ranking), signal);
  const sent = l10n.t("the models' names, {0} completions and what auditors said of them", material.completions.length);
  const drafter = await chooseDrafter(services, sent);
  if (!drafter) return undefined;
  const options = { location: ProgressLocation.Notification, cancellable: true, title: l10n.t('{0} drafts a conclusion…', drafter.name) };
  return withProgress(options, async (_progress, token) => {
    const cancelled = new AbortController();
    const listener = token.onCancellationRequested(() => cancelled.abort());
    try {
      return await draftConclusion(material, drafter, signal ? AbortSignal.any([signal, cancelled.signal]) : cancelled.signal);
    } finally {
      listener.dispose();
    }
  });
}

async function offer(session: AuditSession, written: ConclusionDraft): Promise<void> {
  const { statement, confidence, citations, draftedBy, problems } = written;
  await showAuditDocument(l10n.t('Draft: {0}', session.name), session.folder, formatDraft(written, session.folder));
  const save = l10n.t('Save as Conclusion');
  const text =
    problems.length === 0
      ? l10n.t('{0} has drafted a conclusion. Read the completions that it cites before you save it.', draftedBy)
      : l10n.t('{0} has drafted a conclusion that cannot be used: {1}', draftedBy, problems.join(' '));
  // One that does not hold is to be mended on the page first.
  const buttons = problems.length === 0 && confidence !== null ? [save] : [];
  if ((await showInformationMessage(text, ...buttons)) !== save || confidence === null) return;
  if (!(await confirmConclusion(session.findings, session.author, statement))) return;
  await session.findings.setConclusion({ statement, confidence, citations, draftedBy });
}

function formatDraft({ statement, confidence, citations, draftedBy, problems }: ConclusionDraft, folder: string): string {
  const cited = citations.map((id) => linkCompletion(folder, id, `\\#${id}`)).join(', ');
  return [
    `# ${escapeMarkdown(l10n.t('Draft of a conclusion, by {0}', draftedBy))}`,
    quoteText(statement),
    escapeMarkdown(l10n.t('Confidence: {0}', confidence === null ? l10n.t('not said') : CONFIDENCE_NAMES[confidence])),
    citations.length === 0 ? escapeMarkdown(l10n.t('No completion is cited.')) : l10n.t('Cites: {0}', cited),
    ...(problems.length === 0 ? [] : [`## ${l10n.t('What is wrong with it')}`, problems.map((problem) => `- ${escapeMarkdown(problem)}`).join('\n')]),
    l10n.t('Nothing was saved. Check whether the completions support the draft.'),
    '',
  ].join('\n\n');
}
