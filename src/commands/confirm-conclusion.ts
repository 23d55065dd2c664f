/** Asks before a conclusion takes the place of another. */
import { l10n } from 'vscode';
import type { FindingsFile } from '../records/findings/findings.js';
import { showWarningMessage } from '../editor/shown/messages.js';

/** Resolves to whether it may be written; nothing is asked where no other text would go. */
export async function confirmConclusion(findings: FindingsFile, author: string, statement: string): Promise<boolean> {
  // Drafting takes its time: a colleague's may have come in meanwhile.
  await findings.reload();
  const shown = findings.conclusion();
  const others = [...(shown ? [shown] : []), ...findings.otherConclusions()].filter((one) => one.statement.trim() !== statement.trim());
  if (others.length === 0) return true;
  const names = [...new Set(others.map((one) => one.author))];
  const text = names.length === 1 && names[0] === author ? l10n.t('Replace your own conclusion?') : l10n.t('Replace the conclusion of {0}?', names.join(', '));
  const detail = others.map((one) => `${one.author}: ${one.statement}`).join('\n\n');
  const replace = l10n.t('Replace');
  return (await showWarningMessage(text, { modal: true, detail }, replace)) === replace;
}
