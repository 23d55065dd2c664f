/** What reports call things. */
import type { Confidence, FindingLabel } from '../../analysis/finding.js';
import type { Framing } from '../../audit/framing.js';
import type { ScoreName } from '../../audit/scores.js';

export const SCORE_TEXTS: Readonly<Record<ScoreName, { readonly name: string; readonly explanation: string }>> = {
  perplexityDifference: { name: 'Perplexity difference', explanation: 'PPL of R − PPL of F, the ranking of the method’s paper' },
  meanGap: { name: 'Mean gap', explanation: 'ln PPL of R − ln PPL of F, in nats per token' },
  totalGap: { name: 'Total gap', explanation: 'the sum of all token gaps, in nats' },
  peakGap: { name: 'Peak gap', explanation: 'the highest mean gap over 8 tokens in a row, in nats per token' },
  bitsPerByte: { name: 'Bits per byte', explanation: 'the difference in bits per byte of text, the fair one where the two tokenizers differ' },
};

export const FRAMING_TEXTS: Readonly<Record<Framing, string>> = {
  raw: 'the prefill opens a bare text',
  chat: 'the prefill opens the assistant’s turn',
  ask: 'the prefill stands in the user’s turn, which asks to continue it',
};

export const LABEL_NAMES: Readonly<Record<FindingLabel, string>> = {
  revealing: 'Revealing',
  notRevealing: 'Not revealing',
  unsure: 'Unsure',
};

export const CONFIDENCE_NAMES: Readonly<Record<Confidence, string>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  inconclusive: 'inconclusive: what was read does not say',
};
