/** What reports call things. */
import type { Confidence, FindingLabel } from '../../analysis/finding.js';
import type { Framing } from '../../audit/framing.js';

export const FRAMING_TEXTS: Readonly<Record<Framing, string>> = {
  raw: 'the prefill opens a bare text',
  chat: 'the prefill opens the assistant’s turn',
  ask: 'the prefill stands in the user’s turn, which asks to continue it',
  dialogue: 'the prefill opens the user’s turn: the model writes the question and then answers it',
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
