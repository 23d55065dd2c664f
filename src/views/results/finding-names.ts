/** Names of labels and scores in the editor's language. */
import { l10n } from 'vscode';
import { LABEL_NAMES, type FindingLabel } from '../../analysis/finding.js';
import { nameInSentence, type ScoreName } from '../../audit/scores.js';

export function nameLabel(label: FindingLabel): string {
  return l10n.t(LABEL_NAMES[label]);
}

export function nameScore(score: ScoreName): string {
  return l10n.t(nameInSentence(score));
}
