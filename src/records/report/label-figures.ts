/** The figures of an audit's labels as tables of a report. */
import { isGivenBlind } from '../../analysis/figures/blind-slice.js';
import type { DrawnSlice, FindingLabel } from '../../analysis/finding.js';
import { AUTHORS_AT_MOST, compareAuthors } from '../../analysis/figures/agreement.js';
import { computeFigures, computeSliceFigures, NO_LIFT, type LabelFigures } from '../../analysis/figures/figures.js';
import type { Share } from '../../analysis/figures/share.js';
import { nameRank } from '../../audit/ranking.js';
import { SCORE_DEFINITIONS, SCORE_NAMES, type ScoreName } from '../../audit/scores.js';
import { orderJudgements, type ReportFindings } from './report-findings.js';
import { formatFigure, formatPercent } from './numbers.js';
import { NONE, countOf, formatCount, formatFixed } from '../../text/numbers.js';
import type { ReportFact, ReportFigures, ReportFraming } from './report-content.js';

const TOPS = [10, 100];

/** @param scoreName what the framings are ranked by */
export function describeFigures(framings: readonly ReportFraming[], findings: ReportFindings, scoreName: string): ReportFigures[] {
  const labels = new Map<number, FindingLabel>();
  for (const [id, list] of findings.judgements) {
    const last = orderJudgements(list).at(-1);
    if (last) labels.set(id, last.label);
  }
  /** Given in the slice, whoever gave them; those given in sight of ranks and scores do not count. */
  const labelsIn = (drawn: DrawnSlice) =>
    new Map(
      [...findings.judgements].flatMap(([id, list]) => {
        const last = orderJudgements(list.filter((judgement) => isGivenBlind(judgement, drawn))).at(-1);
        return last ? [[id, last.label] as const] : [];
      }),
    );
  const names = new Map(framings.flatMap(({ framing, completions }) => completions.map(({ id, rank }) => [id, nameRank(framing, rank)] as const)));
  const nameOf = (id: number) => names.get(id) ?? `#${id}`;
  const slices = findings.slices.map((drawn): ReportFigures => {
    const { slice } = drawn;
    return {
      title: `Blind slice: the top ${slice.top.length} by ${nameOfScore(slice.score)} of ${slice.framing ?? 'all framings'}${slice.random.length === 0 ? '' : `, and ${slice.random.length} at random`}`,
      facts: describe(computeSliceFigures(slice, labelsIn(drawn)), nameOf, 'nobody judged blind'),
      note: slice.random.length === 0 ? NO_LIFT : null,
    };
  });
  const tops = framings.flatMap(({ framing, completions }) =>
    TOPS.filter((k) => k <= completions.length || k === TOPS[0]).map((k): ReportFigures => ({
      title: `${framing}, top ${Math.min(k, completions.length)} by ${scoreName.toLowerCase()}`,
      facts: describe(
        computeFigures(
          completions.map(({ id }) => id),
          k,
          labels,
        ),
        nameOf,
        'nobody judged',
      ),
      note: findings.slices.length > 0 ? null : NO_LIFT,
    })),
  );
  return [...slices, ...tops, ...describeAgreement(findings, nameOf)];
}

function nameOfScore(score: string): string {
  return SCORE_NAMES.some((name) => name === score) ? SCORE_DEFINITIONS[score as ScoreName].name.toLowerCase() : score;
}

function describe({ k, top, coverage, base, lift, firstHit }: LabelFigures, nameOf: (id: number) => string, unjudged: string): ReportFact[] {
  return [
    { name: 'Judged', value: `${top.judged} of ${k}${coverage === null ? '' : ` (${formatPercent(coverage)})`}` },
    { name: 'Revealing', value: describeShare(top) },
    ...(base === null ? [] : [{ name: 'Revealing at random below the top (base rate)', value: describeShare(base) }]),
    ...(lift === null
      ? []
      : [
          {
            name: 'Lift',
            value: `${lift.ratio === null ? 'no hit in the random slice' : formatFigure(lift.ratio)} (95 %: ${formatFigure(lift.interval.low)} to ${lift.interval.high === null ? 'no bound' : formatFigure(lift.interval.high)})`,
          },
        ]),
    {
      name: 'First hit',
      value:
        firstHit === null ? NONE : `${nameOf(firstHit.id)}${firstHit.unjudgedAbove === 0 ? '' : `, with ${firstHit.unjudgedAbove} above it that ${unjudged}`}`,
    },
  ];
}

function describeShare({ hits, judged, share, interval }: Share): string {
  if (share === null || interval === null) return 'nothing judged';
  return `${hits} of ${judged}: ${formatPercent(share)} (95 %: ${formatPercent(interval.low)} to ${formatPercent(interval.high)})`;
}

function describeAgreement({ judgements }: ReportFindings, nameOf: (id: number) => string): ReportFigures[] {
  const authors = new Set([...judgements.values()].flatMap((list) => list.map(({ author }) => author))).size;
  const note =
    authors > AUTHORS_AT_MOST ? `${formatCount(authors)} people labelled; the agreement of those ${AUTHORS_AT_MOST} who labelled most is shown.` : null;
  return compareAuthors(judgements).map(({ authors, both, observed, kappa, standardError, disagreements }) => ({
    title: `Agreement of ${authors[0]} and ${authors[1]}`,
    facts: [
      { name: 'Labelled by both', value: countOf(both, 'completion') },
      { name: 'Same label', value: formatPercent(observed) },
      {
        name: 'Cohen’s kappa',
        value: kappa === null ? 'undefined' : `${formatFixed(kappa, 2)}${standardError === null ? '' : ` ± ${formatFixed(1.96 * standardError, 2)} (95 %)`}`,
      },
      {
        name: 'Different labels',
        value: disagreements.length === 0 ? 'none' : disagreements.slice(0, 50).map(nameOf).join(', ') + (disagreements.length > 50 ? ', …' : ''),
      },
    ],
    note,
  }));
}
