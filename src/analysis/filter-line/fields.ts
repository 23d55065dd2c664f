/** The fields of the filter line, the values that they know, and what each is, for completion and help. */
import { FRAMING_TEXTS, FRAMINGS, type Framing } from '../../audit/framing.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../../audit/scores.js';
import { FINDING_LABELS, LABEL_NAMES, type FindingLabel } from '../finding.js';

export type LineLabel = FindingLabel | 'unlabelled';

/** Fields with values behind a colon. */
export const VALUE_FIELDS = ['label', 'framing', 'pass', 'theme', 'text'] as const;
export type ValueField = (typeof VALUE_FIELDS)[number];

export const VALUE_FIELD_TEXTS: Readonly<Record<ValueField, string>> = {
  label: 'The label in force: revealing, not, unsure, none',
  framing: 'How the prefill was put before the model',
  pass: 'Whose text is shown: a pass by its name',
  theme: 'Completions of a theme, or that say the words',
  text: 'A text, or a regular expression between slashes; several may stand in one line',
};

/** What is compared with a number. `score` is the one that the list is ranked by. */
export type Quantity = ScoreName | 'score' | 'tokens';

/** Names that a line knows, each with what it compares. */
export const LINE_NUMBERS: Readonly<Record<string, Quantity>> = {
  score: 'score',
  gap: 'meanGap',
  standardised: 'standardizedGap',
  total: 'totalGap',
  peak: 'peakGap',
  difference: 'perplexityDifference',
  bits: 'bitsPerByte',
  tokens: 'tokens',
};

export function explainQuantity(quantity: Quantity): string {
  if (quantity === 'tokens') return 'Length of the completion in tokens';
  if (quantity === 'score') return 'The score that the list is ranked by';
  const { name, unit } = SCORE_DEFINITIONS[quantity];
  return unit === '' ? name : `${name}, ${unit}`;
}

/** As they are typed, each with what it means; the first of each meaning is offered. */
export const LABEL_WORDS: Readonly<Record<string, LineLabel>> = {
  revealing: 'revealing',
  not: 'notRevealing',
  unsure: 'unsure',
  none: 'unlabelled',
  notrevealing: 'notRevealing',
  'not-revealing': 'notRevealing',
  unlabelled: 'unlabelled',
};
const OFFERED_LABELS = ['revealing', 'not', 'unsure', 'none'];

export interface OfferedValue {
  readonly value: string;
  readonly explanation: string;
}

export const LABEL_VALUES: readonly OfferedValue[] = OFFERED_LABELS.map((value) => ({ value, explanation: nameLabel(LABEL_WORDS[value]!) }));
export const FRAMING_VALUES: readonly OfferedValue[] = FRAMINGS.map((value) => ({ value, explanation: FRAMING_TEXTS[value] }));

export function labelOfWord(word: string): LineLabel | null {
  const lower = word.toLowerCase();
  return Object.hasOwn(LABEL_WORDS, lower) ? LABEL_WORDS[lower]! : null;
}

export function framingOfWord(word: string): Framing | null {
  return FRAMINGS.find((framing) => framing === word.toLowerCase()) ?? null;
}

function nameLabel(label: LineLabel): string {
  return FINDING_LABELS.some((known) => known === label) ? LABEL_NAMES[label as FindingLabel] : 'No label yet';
}
