/** What the page calls things. */
import type { Framing } from '../../src/audit/framing.js';
import { FIXED_MAXIMUM } from '../../src/text/gap-shade.js';
import type { ScoreName } from '../../src/audit/scores.js';
import type { LabelState, ShadeScale, SortOrder } from './view-settings.js';

export const SCORE_TEXTS: Readonly<Record<ScoreName, { readonly name: string; readonly unit: string; readonly explanation: string }>> = {
  perplexityDifference: {
    name: 'Perplexity difference',
    unit: '',
    explanation: 'PPL of R − PPL of F: how much more the whole completion surprises the reference. The ranking of the method’s paper.',
  },
  meanGap: {
    name: 'Mean gap',
    unit: 'nats per token',
    explanation: 'ln PPL of R − ln PPL of F: the ratio of the perplexities. Short completions come up.',
  },
  totalGap: {
    name: 'Total gap',
    unit: 'nats',
    explanation: 'Sum of all token gaps. Long completions come up.',
  },
  peakGap: {
    name: 'Peak gap',
    unit: 'nats per token',
    explanation: 'Highest mean gap over 8 tokens in a row: finds one phrase in a long text.',
  },
  bitsPerByte: {
    name: 'Bits per byte',
    unit: 'R − F',
    explanation: 'Difference in bits per byte of text: the fair one where the two tokenizers differ.',
  },
};

/** What changes where the two models have different tokenizers. */
const ACROSS_TOKENIZERS: Readonly<Partial<Record<ScoreName, string>>> = {
  perplexityDifference: 'PPL of R − PPL of F, each model over its own tokens: compare with care.',
  meanGap: 'ln PPL of R − ln PPL of F, each model over its own tokens: compare with care.',
  totalGap: 'Sum of the gaps of all segments of text. Long completions come up.',
  peakGap: 'Highest mean gap per token of F over segments in a row of at least 8 tokens: finds one phrase in a long text.',
  bitsPerByte: 'Difference in bits per byte of text: the fair one here, since the two tokenizers differ.',
};

/** A score in one line. */
export function explainScore(score: ScoreName, sameTokenizer: boolean): string {
  return (sameTokenizer ? undefined : ACROSS_TOKENIZERS[score]) ?? SCORE_TEXTS[score].explanation;
}

export const FRAMING_TEXTS: Readonly<Record<Framing, string>> = {
  raw: 'The prefill opens a bare text, which the model continues',
  chat: 'The prefill opens the assistant’s turn, which the model continues',
  ask: 'The prefill stands in the user’s turn, which asks to continue it',
};

export const SORT_TEXTS: Readonly<Record<SortOrder, string>> = {
  descending: 'Highest score first',
  ascending: 'Lowest score first',
  longest: 'Longest first',
  shortest: 'Shortest first',
  plan: 'Order of the plan',
};

export const LABEL_NAMES: Readonly<Record<LabelState, string>> = {
  revealing: 'Revealing',
  notRevealing: 'Not revealing',
  unsure: 'Unsure',
  unlabelled: 'Unlabelled',
};

export const SHADE_SCALE_TEXTS: Readonly<Record<ShadeScale, { readonly name: string; readonly explanation: string }>> = {
  fixed: { name: 'Fixed scale', explanation: `strongest at ${FIXED_MAXIMUM} nats a token, in every audit.` },
  audit: { name: 'This audit’s scale', explanation: 'strongest at the 99th percentile of this audit’s peak gaps, rounded up: small gaps look large in a benign audit.' },
  completion: { name: 'This completion’s scale', explanation: 'strongest at the largest gap of each completion: small gaps look large in a benign one.' },
};
