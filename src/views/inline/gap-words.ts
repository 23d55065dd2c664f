/** The words of a gap's hover, in the editor's language. */
import { l10n, type MarkdownString } from 'vscode';
import { makeMarkdownString } from '../../editor/shown/editor-parts.js';
import type { GapCell } from './gap-cells.js';
import { describeCell, type GapWords } from './gap-hover.js';

export function makeGapHover(cell: GapCell): MarkdownString {
  return makeMarkdownString(describeCell(cell, gapWords()));
}

function gapWords(): GapWords {
  return {
    finetuned: l10n.t('Finetuned'),
    reference: l10n.t('Reference'),
    probability: l10n.t('probability'),
    logprob: l10n.t('logprob (nats)'),
    noReference: l10n.t('The reference gave no figure here.'),
    noScore: l10n.t('In no score: the reference’s token begins in the text before.'),
    equallyLikely: l10n.t('equally likely for both'),
    segmentOf: (finetuned, reference) => l10n.t('Segment of {0} tokens of F, {1} of R', finetuned, reference),
    likelier: (times, finetuned) => (finetuned ? l10n.t('{0}× likelier for F', times) : l10n.t('{0}× likelier for R', times)),
    gap: (nats) => l10n.t('Gap {0} nats', nats),
    divergence: (forward, backward) => l10n.t('Distributions: KL(F‖R) {0}, KL(R‖F) {1} nats', forward, backward),
    perToken: (nats) => l10n.t('{0} per token of F', nats),
  };
}
