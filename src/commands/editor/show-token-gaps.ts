/** `finetuneAuditor.showTokenGaps`: what the two models of an audit think of any text, shown where it stands. */
import { l10n, ProgressLocation, Range, Selection, window, type TextEditor, type Uri } from 'vscode';
import type { TextRange } from '../../analysis/patterns/pattern.js';
import type { AuditPlan } from '../../audit/plan.js';
import { listAudits } from '../../records/journal/audit-folder.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { openTextModels } from '../../runner/text/open-text-models.js';
import { scoreText } from '../../runner/text/score-text.js';
import type { CommandSignatures } from '../command-ids.js';
import { confirmSending } from '../confirm-sending.js';
import { pickAudit } from '../pick-audit.js';
import { wasCancelled } from '../report-failure.js';
import { requirePlan } from '../require-plan.js';
import { requireTrust } from '../require-trust.js';
import type { Services } from '../services.js';
import { showInformationMessage, withProgress } from '../../editor/shown/messages.js';

export function makeShowTokenGapsCommand(services: Services): CommandSignatures['finetuneAuditor.showTokenGaps'] {
  let last: string | undefined;
  return async (options) => {
    requireTrust();
    const editor = window.activeTextEditor;
    if (!editor || editor.document.getText() === '') {
      void showInformationMessage(l10n.t('Open a text first: its token gaps are shown in the editor.'));
      return;
    }
    if (services.editor.documents.find(editor.document)) {
      void showInformationMessage(l10n.t('This completion shows its token gaps already.'));
      return;
    }
    const folder =
      options?.folder ??
      (options?.pick ? undefined : await chooseAudit(services, last)) ??
      (await pickAudit(services, l10n.t('Under the two models of which audit?')));
    if (folder === undefined) return;
    const lease = await services.audits.open(folder);
    try {
      // As it is when the question is asked: the journal may be another one when it is answered.
      const plan = requirePlan(lease.session);
      await confirmText(services, plan, editor);
      last = folder;
      await showGaps(services, lease.session, plan, editor);
    } finally {
      lease.release();
    }
  };
}

export function makeClearTokenGapsCommand({ editor }: Services): CommandSignatures['finetuneAuditor.clearTokenGaps'] {
  return async (uri?: Uri) => {
    const shown = uri ?? window.activeTextEditor?.document.uri;
    if (shown) editor.gaps.clear({ uri: shown });
  };
}

/** Turns the shades of all texts from gaps to KL(F‖R), and back. */
export function makeShadeByDivergenceCommand({ editor }: Services): CommandSignatures['finetuneAuditor.shadeByDivergence'] {
  return async () => {
    const by = editor.gaps.shadedBy === 'gap' ? 'divergence' : 'gap';
    const front = editor.gaps.find(window.activeTextEditor?.document);
    if (by === 'divergence' && front && !front.running && front.cells.every(({ cell }) => cell.divergence === null)) {
      void showInformationMessage(
        l10n.t('There is no divergence of this text: it needs two model files with one tokenizer and the native engine, and a server gives no distributions.'),
      );
      return;
    }
    editor.gaps.shadeBy(by);
  };
}

/** The one in front, the last one, the one whose page is in sight, or the only one there is. */
async function chooseAudit({ panels, auditRoots }: Services, last: string | undefined): Promise<string | undefined> {
  if (panels.active) return panels.active.folder;
  const folders = (await listAudits(auditRoots())).map(({ folder }) => folder);
  if (last !== undefined && folders.includes(last)) return last;
  return folders.find((folder) => panels.isVisible(folder)) ?? (folders.length === 1 ? folders[0] : undefined);
}

async function confirmText(services: Services, plan: AuditPlan, { document, selection }: TextEditor): Promise<void> {
  return confirmSending(services, plan, 'anyText', (hosts) => ({
    text: selection.isEmpty ? l10n.t('Send all of {0} to {1}?', document.fileName, hosts) : l10n.t('Send the selected text to {0}?', hosts),
    detail: l10n.t(
      'A model of the audit is there and is asked for the logprobs of the text. Other texts are sent there without this question, until this window is closed.',
    ),
  }));
}

async function showGaps(
  { editor: { documents, gaps }, models, mediaFolder }: Services,
  session: AuditSession,
  plan: AuditPlan,
  editor: TextEditor,
): Promise<void> {
  const { document, selection } = editor;
  const scope: TextRange = selection.isEmpty ? [0, document.getText().length] : [document.offsetAt(selection.start), document.offsetAt(selection.end)];
  const text = document.getText().slice(...scope);
  const first = findSeen(editor, scope);
  const { scale } = await documents.ranksOf(session);
  const { shading, signal } = gaps.begin({ document, scope, auditName: session.displayName, scale });
  // A selection is drawn over the shades.
  editor.selection = new Selection(selection.start, selection.start);
  const title = l10n.t('Token gaps under {0}', session.displayName);
  try {
    await withProgress({ location: ProgressLocation.Notification, cancellable: true, title }, async (progress, cancellation) => {
      const cancelled = new AbortController();
      cancellation.onCancellationRequested(() => cancelled.abort());
      const stop = AbortSignal.any([signal, cancelled.signal]);
      progress.report({ message: l10n.t('loading the models') });
      const { models: open, contextTokens } = await openTextModels(models, mediaFolder, { plan, setup: session.setup }, stop);
      try {
        for await (const stretch of scoreText(open, { text, first, contextTokens }, stop)) {
          gaps.add(shading, stretch);
          progress.report({ message: l10n.t('{0} %', Math.round(shading.progress * 100)), increment: (100 * (stretch.end - stretch.start)) / text.length });
        }
      } finally {
        open.release();
      }
    });
  } catch (error) {
    if (!wasCancelled(error)) throw error;
  } finally {
    gaps.end(shading);
  }
}

/** What the reader sees of the scope, in its own UTF-16 units. */
function findSeen({ document, visibleRanges }: TextEditor, [start, end]: TextRange): TextRange {
  const seen = visibleRanges[0] ?? new Range(0, 0, 0, 0);
  const clip = (offset: number) => Math.min(Math.max(offset, start), end) - start;
  return [clip(document.offsetAt(seen.start)), clip(document.offsetAt(seen.end))];
}
