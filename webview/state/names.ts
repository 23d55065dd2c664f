/** What the page calls things. */
import type { ScoreName } from '../../src/audit/scores.js';
import type { LabelState, SortOrder } from './view-settings.js';

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
    unit: 'bits per byte',
    explanation: 'Difference in bits per byte of text: the fair one where the two tokenizers differ.',
  },
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
