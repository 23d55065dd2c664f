/** Commands on the completion in the focused editor: labels, and moving to its neighbours in the ranking. */
import { commands, l10n } from 'vscode';
import type { FindingLabel } from '../../analysis/finding.js';
import type { UndoAnswer } from '../../messages/evidence.js';
import type { OpenCompletion } from '../../views/inline/completion-documents.js';
import { nameLabel } from '../../views/results/finding-names.js';
import type { CommandSignatures, CompletionTarget } from '../command-ids.js';
import type { Services } from '../services.js';
import { setStatusBarMessage } from '../../editor/shown/messages.js';

type InlineCommandId = Extract<keyof CommandSignatures, `finetuneAuditor.inline.${string}`>;

const TOLD_MS = 3000;

export function makeCompletionCommands({ editor: { documents } }: Services): Pick<CommandSignatures, InlineCommandId> {
  const find = (target: CompletionTarget | undefined): OpenCompletion | undefined =>
    target ? documents.all.find(({ session, record }) => session.folder === target.folder && record.id === target.id) : documents.active;
  const label = (value: FindingLabel) => async (target?: CompletionTarget) => {
    const open = find(target);
    if (open) tell(await setLabel(open, value));
  };
  const go = (by: number) => async () => {
    const open = documents.active;
    if (!open) return;
    const { session, record } = open;
    const list = (await documents.ranksOf(session)).byFraming.get(record.framing) ?? [];
    const next = list[list.findIndex(({ id }) => id === record.id) + by];
    if (next) await documents.show({ folder: session.folder, id: next.id });
    else tell(by > 0 ? l10n.t('This is the last completion of its framing.') : l10n.t('This is the first completion of its framing.'));
  };
  return {
    'finetuneAuditor.inline.revealing': label('revealing'),
    'finetuneAuditor.inline.notRevealing': label('notRevealing'),
    'finetuneAuditor.inline.unsure': label('unsure'),
    'finetuneAuditor.inline.undo': async () => {
      const open = documents.active;
      if (!open) return;
      const undone = await open.session.findings.undo();
      tell(undone ? describeUndone(undone) : l10n.t('There is nothing to take back.'));
    },
    'finetuneAuditor.inline.next': go(1),
    'finetuneAuditor.inline.previous': go(-1),
    'finetuneAuditor.inline.addFinding': async () => {
      if (documents.active) await commands.executeCommand('workbench.action.addComment');
    },
  };
}

/** The same label again takes it back, as on the page. */
async function setLabel({ session, record }: OpenCompletion, label: FindingLabel): Promise<string> {
  const own = session.findings
    .judgements()
    .get(record.id)
    ?.find(({ author }) => author === session.author);
  const isSet = own?.label === label;
  const { category = null, note = '' } = own ?? {};
  await session.findings.set({ completionId: record.id, label: isSet ? null : label, category, note });
  return isSet ? l10n.t('Label taken back.') : nameLabel(label);
}

function describeUndone({ completionId, what }: UndoAnswer): string {
  switch (what) {
    case 'label':
    case 'finding':
      return l10n.t('Taken back on completion #{0}.', completionId);
    case 'conclusion':
      return l10n.t('Taken back: the last change of the conclusion.');
    case 'keywords':
      return l10n.t('Taken back: the last change of the keywords.');
    case 'name':
      return l10n.t('Taken back: the last change of the audit’s name.');
  }
}

function tell(message: string): void {
  setStatusBarMessage(message, TOLD_MS);
}
