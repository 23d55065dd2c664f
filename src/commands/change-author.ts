/** `finetuneAuditor.changeAuthor`: the name that findings are signed with, and whether it is another name of the same person. */
import { ConfigurationTarget, l10n, StatusBarAlignment, workspace } from 'vscode';
import type { FindingsAuthor } from '../editor/author.js';
import type { CommandId, CommandSignatures } from './command-ids.js';
import type { Services } from './services.js';
import { askPick, askText, type Choice } from '../editor/ask.js';
import { BACK, CANCELLED } from '../editor/multi-step.js';
import { SafeStatusItem } from '../editor/shown/editor-parts.js';

export function makeChangeAuthorCommand({ author, audits }: Services): CommandSignatures['finetuneAuditor.changeAuthor'] {
  return async () => {
    const former = await author.find();
    const title = l10n.t('Author of findings');
    const name = await askText({
      title,
      prompt: l10n.t('The name beside your findings, here and in reports'),
      value: former.name,
      validate: (text) => (text === '' ? l10n.t('A finding needs a name') : undefined),
    });
    if (typeof name !== 'string' || name === former.name) return;
    const isSame = former.also.includes(name) || (await askWhetherSame(title, former.name, name));
    if (isSame === undefined) return;
    if (isSame) await author.join(name, former.name);
    await workspace.getConfiguration('finetuneAuditor').update('author', name, ConfigurationTarget.Global);
    await audits.updateAuthor();
  };
}

/** The first finding of all tells what it is signed with, in the status bar: a notification would lie over what is labelled next. */
export async function tellAuthorOnce(author: FindingsAuthor): Promise<void> {
  const name = await author.decide();
  if (name === null) return;
  const item = new SafeStatusItem('finetuneAuditor.author', l10n.t('Author of findings'), StatusBarAlignment.Left);
  item.show({
    icon: 'account',
    text: l10n.t('Your findings are signed “{0}”', name),
    tooltip: l10n.t('The name beside your findings, here and in reports. Click to change it.'),
    command: 'finetuneAuditor.changeAuthor' satisfies CommandId,
  });
  const listener = workspace.onDidChangeConfiguration((change) => {
    if (!change.affectsConfiguration('finetuneAuditor.author')) return;
    listener.dispose();
    item.dispose();
  });
}

async function askWhetherSame(title: string, former: string, name: string): Promise<boolean | undefined> {
  const lines: Choice<boolean>[] = [
    { label: l10n.t('{0} is me, too', former), description: l10n.t('all findings signed so count as those of {0}', name), value: true },
    { label: l10n.t('{0} is somebody else', former), description: l10n.t('their findings stay theirs'), value: false },
  ];
  const answer = await askPick({ title, placeholder: l10n.t('Whose are the findings signed “{0}”?', former), lines, active: lines[0] });
  return answer === BACK || answer === CANCELLED ? undefined : answer;
}
