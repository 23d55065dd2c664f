/** What the editor calls labels and scores. */
import { l10n } from 'vscode';
import type { FindingLabel } from '../../analysis/finding.js';
import type { ScoreName } from '../../audit/scores.js';

export function nameLabel(label: FindingLabel): string {
  switch (label) {
    case 'revealing':
      return l10n.t('Revealing');
    case 'notRevealing':
      return l10n.t('Not revealing');
    case 'unsure':
      return l10n.t('Unsure');
  }
}

export function nameScore(score: ScoreName): string {
  switch (score) {
    case 'perplexityDifference':
      return l10n.t('perplexity difference');
    case 'standardizedGap':
      return l10n.t('standardised gap');
    case 'meanGap':
      return l10n.t('mean gap');
    case 'totalGap':
      return l10n.t('total gap');
    case 'peakGap':
      return l10n.t('peak gap');
    case 'bitsPerByte':
      return l10n.t('bits per byte');
  }
}
