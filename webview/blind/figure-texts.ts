/** Figures in words. */
import { NO_LIFT, type LabelFigures } from '../../src/analysis/figures/figures.js';
import type { AuthorsAgreement } from '../../src/analysis/figures/agreement.js';
import type { Interval, Share } from '../../src/analysis/figures/share.js';
import { visibleLine } from '../../src/text/visible-text.js';
import { formatShare } from '../text/numbers.js';
import { formatFixed } from '../../src/text/numbers.js';

export interface FigureText {
  readonly name: string;
  /** The number alone; `null` where there is none. */
  readonly value: string | null;
  /** What it is made of, or why there is none. */
  readonly why: string;
}

/**
 * @param nameOf what a completion is called, by its id
 * @param blind of a blind slice, for which labels given in sight do not count
 */
export function describeLabelFigures(figures: LabelFigures, nameOf: (id: number) => string, blind: boolean): FigureText[] {
  const { k, top, coverage, base, lift, firstHit } = figures;
  const labelled = blind ? 'labelled blind' : 'labelled';
  return [
    { name: `Revealing in the top ${k}`, ...describeShare(top, 'top', `Nothing of the top is ${labelled} yet.`) },
    base
      ? { name: 'Base rate', ...describeShare(base, 'random part', `Nothing of the random part is ${labelled} yet.`) }
      : { name: 'Base rate', value: null, why: blind ? 'Nothing was drawn at random.' : 'It takes a random slice: label blind to get one.' },
    {
      name: 'Lift',
      value: lift ? (lift.ratio === null ? null : `× ${formatFixed(lift.ratio, 1)}`) : null,
      why: describeLift(lift, base),
    },
    {
      name: 'First hit',
      value: firstHit ? nameOf(firstHit.id) : null,
      why: firstHit
        ? `Completion #${firstHit.id}, number ${firstHit.rank} from the top.${firstHit.unjudgedAbove > 0 ? ` ${firstHit.unjudgedAbove} above it ${firstHit.unjudgedAbove === 1 ? 'is' : 'are'} not ${labelled}: the first hit may stand higher.` : ''}`
        : 'None of the judged completions is labelled as revealing.',
    },
    {
      name: 'Coverage',
      value: coverage === null ? null : formatShare(coverage),
      why: coverage === null ? 'There is nothing in the ranking.' : `${top.judged} of the top ${k} ${top.judged === 1 ? 'is' : 'are'} ${labelled}.`,
    },
  ];
}

function describeShare({ hits, judged, share, interval }: Share, part: string, none: string): Pick<FigureText, 'value' | 'why'> {
  if (share === null || interval === null) return { value: null, why: none };
  return {
    value: formatShare(share),
    why: `${hits} of ${judged} labelled in the ${part} ${hits === 1 ? 'reveals' : 'reveal'} it; 95 % interval (Wilson) ${formatInterval(interval, formatShare)}.`,
  };
}

function describeLift(lift: LabelFigures['lift'], base: Share | null): string {
  if (!lift) return base ? `${NO_LIFT} Nothing of the random part, or nothing of the top, is labelled yet.` : NO_LIFT;
  const bounds = formatInterval(lift.interval, (value) => `× ${formatFixed(value, 1)}`);
  if (lift.ratio === null) return `No hit in the random part, so that it has no upper bound; 95 % interval (Koopman) ${bounds}.`;
  return `Share of the top ÷ base rate; 95 % interval (Koopman) ${bounds}.`;
}

function formatInterval({ low, high }: Interval, format: (value: number) => string): string {
  return high === null ? `from ${format(low)} on` : `${format(low)} to ${format(high)}`;
}

/** @param nameOf what a completion is called, by its id */
export function describeAuthorsAgreement(
  { authors, both, observed, kappa, standardError, disagreements }: AuthorsAgreement,
  nameOf: (id: number) => string,
): FigureText {
  const name = `${visibleLine(authors[0])} and ${visibleLine(authors[1])}`;
  const same = observed === null ? '' : `${both} labelled by both, ${formatShare(observed)} the same`;
  const apart =
    disagreements.length === 0
      ? ''
      : `; they disagree on ${disagreements.slice(0, 5).map(nameOf).join(', ')}${disagreements.length > 5 ? ` and ${disagreements.length - 5} more` : ''}`;
  if (kappa === null) return { name, value: null, why: `${same}${apart}. Cohen’s kappa is undefined where both gave one and the same label throughout.` };
  const error = !standardError ? '' : ` ± ${formatFixed(1.96 * standardError, 2)}`;
  return { name, value: `κ ${formatFixed(kappa, 2)}`, why: `${same}${apart}. Cohen’s kappa${error === '' ? '' : `, 95 %:${error}`}.` };
}
