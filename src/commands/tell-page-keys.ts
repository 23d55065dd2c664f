/** The keys of the results page were changed in the settings: open pages go by them at once, and what is wrong with them is said. */
import { commands, l10n } from 'vscode';
import { showWarningMessage } from '../editor/shown/messages.js';
import { readPageKeys } from '../messages/page-keys.js';
import type { Services } from './services.js';

/** @param setting as it stands in the settings, unchecked */
export function tellPageKeys({ panels }: Services, setting: unknown): void {
  const read = readPageKeys(setting);
  panels.tellKeys(read);
  if (read.problems.length === 0) return;
  const open = l10n.t('Open Settings');
  void showWarningMessage(l10n.t('Some keys of the results page are wrong: {0} All other keys still work.', read.problems.join(' ')), open).then((chosen) => {
    if (chosen === open) void commands.executeCommand('workbench.action.openSettings', 'finetuneAuditor.pageKeys');
  });
}
