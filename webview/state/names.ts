/** Words of the page for framings, sort orders, labels and scales. */
import { LABEL_NAMES as OF_FINDINGS } from '../../src/analysis/finding.js';
import { FRAMINGS, FRAMING_TEXTS as TEXTS, type Framing } from '../../src/audit/framing.js';
import { FIXED_MAXIMUM } from '../../src/text/gap-shade.js';
import { SORT_ORDERS, type LabelState, type ShadeScale, type SortOrder } from './view-settings.js';

/** As sentences without their full stop. */
export const FRAMING_SENTENCES = Object.fromEntries(FRAMINGS.map((framing) => [framing, capitalise(TEXTS[framing])])) as Readonly<Record<Framing, string>>;

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export const SORT_TEXTS: Readonly<Record<SortOrder, string>> = {
  descending: 'Highest score first',
  ascending: 'Lowest score first',
  longest: 'Longest first',
  shortest: 'Shortest first',
  plan: 'Order of the plan',
};

/**
 * The sort orders to choose from: those that differ in this audit.
 * @param imported its completions have the order of a file, not of a plan
 * @param isScored without a score there is no highest and no lowest
 */
export function sortOptions(imported: boolean, isScored: boolean): { readonly value: SortOrder; readonly text: string }[] {
  return SORT_ORDERS.filter((sort) => isScored || (sort !== 'descending' && sort !== 'ascending')).map((sort) => ({
    value: sort,
    text: imported && sort === 'plan' ? 'Order of the file' : SORT_TEXTS[sort],
  }));
}

export const LABEL_STATE_NAMES: Readonly<Record<LabelState, string>> = { ...OF_FINDINGS, unlabelled: 'Unlabelled' };

export const SHADE_SCALE_TEXTS: Readonly<Record<ShadeScale, { readonly name: string; readonly explanation: string }>> = {
  fixed: { name: 'Fixed scale', explanation: `strongest at ${FIXED_MAXIMUM} nats a token, in every audit.` },
  audit: {
    name: 'This audit’s scale',
    explanation: 'strongest at the 99th percentile of this audit’s peak gaps, rounded up: small gaps look large in a benign audit.',
  },
  completion: { name: 'This completion’s scale', explanation: 'strongest at the largest gap of each completion: small gaps look large in a benign one.' },
};
