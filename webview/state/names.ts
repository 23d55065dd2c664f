/** What the page calls things. */
import type { Framing } from '../../src/audit/framing.js';
import { FIXED_MAXIMUM } from '../../src/text/gap-shade.js';
import type { LabelState, ShadeScale, SortOrder } from './view-settings.js';

export const FRAMING_TEXTS: Readonly<Record<Framing, string>> = {
  raw: 'The prefill opens a bare text, which the model continues',
  chat: 'The prefill opens the assistant’s turn, which the model continues',
  ask: 'The prefill stands in the user’s turn, which asks to continue it',
  dialogue: 'The prefill opens the user’s turn: the model writes the question and then answers it',
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
