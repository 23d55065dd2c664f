/** Two audits side by side, as Markdown. */
import type { Comparable, RankedPair } from '../../analysis/compare.js';
import { SCORE_DEFINITIONS, type ScoreName } from '../../audit/scores.js';
import type { AuditComparison, ComparedAudit, FramingComparison } from './compare-audits.js';
import { escapeMarkdown, formatTable } from './markdown-text.js';
import { formatFigure, formatFixed, NONE } from './numbers.js';
import { countOf, formatCount } from '../../text/numbers.js';

const EXCERPT = 100;
/** Best of each ranking that are listed side by side. */
const LISTED = 20;

export function formatComparisonMarkdown({ first, second, score, cautions, framings }: AuditComparison): string {
  const { name, explanation } = SCORE_DEFINITIONS[score];
  const sections = [
    [`# ${escapeMarkdown(first.name)} and ${escapeMarkdown(second.name)}`, '', `Ranked by ${name.toLowerCase()}: ${escapeMarkdown(explanation)}`, ''],
    cautions.flatMap((caution) => [`**Caution.** ${escapeMarkdown(caution)}`, '']),
    formatTable(['', 'first', 'second'], tabulateAudits(first, second)),
    ...framings.map((framing) => tellFraming(framing, score)),
  ];
  return `${sections.flat().join('\n').replace(/\n{3,}/g, '\n\n').trimEnd()}\n`;
}

function tabulateAudits(first: ComparedAudit, second: ComparedAudit): string[][] {
  const row = (name: string, read: (audit: ComparedAudit) => string): string[] => [name, escapeMarkdown(read(first)), escapeMarkdown(read(second))];
  return [
    row('Audit', ({ name }) => name),
    row('Finetuned model', ({ finetunedName }) => finetunedName ?? NONE),
    row('Reference model', ({ referenceName }) => referenceName ?? NONE),
    row('Completions', ({ completions }) => formatCount(completions)),
  ];
}

/** What the two rankings have in common, as facts. */
export function describeAgreement({ comparison }: FramingComparison): { name: string; value: string }[] {
  const { pairs, onlyFirst, onlySecond, rho, scoredPairs, topOverlap, rankBiasedOverlap } = comparison;
  const same = pairs.filter(({ kind }) => kind === 'samePrefillAndText').length;
  return [
    { name: 'Paired', value: `${formatCount(pairs.length)}, ${formatCount(same)} of them with the same text` },
    { name: 'Only in the first, only in the second', value: `${formatCount(onlyFirst.length)}, ${formatCount(onlySecond.length)}` },
    { name: "Spearman's rho of the scores", value: rho === null ? NONE : `${formatFixed(rho, 3)} (${countOf(scoredPairs, 'pair')})` },
    { name: `Of the top ${topOverlap.k} in both`, value: `${topOverlap.shared}` },
    { name: 'Rank-biased overlap (0 to 1)', value: formatFixed(rankBiasedOverlap, 3) },
  ];
}

function tellFraming(framing: FramingComparison, score: ScoreName): string[] {
  const { comparison, rose, fell } = framing;
  const table = (title: string, pairs: readonly RankedPair[]): string[] =>
    pairs.length === 0 ? [] : [`### ${title}`, '', ...formatTable(['first', 'second', 'score, first', 'score, second', 'completion'], pairs.map((pair) => tellPair(pair, score)))];
  const only = (title: string, items: readonly Comparable[]): string[] =>
    items.length === 0
      ? []
      : [`### ${title}`, '', ...formatTable(['score', 'completion'], items.slice(0, LISTED).map((item) => [formatFigure(item.scores[score]), `\\#${item.id} ${excerpt(item)}`])), ...more(items.length)];
  return [
    `## Framing ${framing.framing}`,
    '',
    ...formatTable(['agreement', ''], describeAgreement(framing).map(({ name, value }) => [name, value])),
    ...table(`The best ${Math.min(LISTED, comparison.pairs.length)} of the first`, comparison.pairs.slice(0, LISTED)),
    ...table('Rose furthest', rose),
    ...table('Fell furthest', fell),
    ...only('Only in the first', comparison.onlyFirst),
    ...only('Only in the second', comparison.onlySecond),
  ];
}

function more(count: number): string[] {
  return count <= LISTED ? [] : [`and ${countOf(count - LISTED, 'other')}`, ''];
}

function tellPair({ first, second, firstRank, secondRank, kind }: RankedPair, score: ScoreName): string[] {
  const text = kind === 'samePrefill' ? `\\#${first.id} ${excerpt(first)}<br>\\#${second.id} ${excerpt(second)}` : `\\#${first.id} ${excerpt(first)}`;
  return [String(firstRank), String(secondRank), formatFigure(first.scores[score]), formatFigure(second.scores[score]), text];
}

function excerpt({ prefillText, text }: Comparable): string {
  const characters = [...(prefillText + text)];
  return escapeMarkdown(characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')}…` : characters.join(''));
}
