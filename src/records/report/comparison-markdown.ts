/** Two audits side by side, as Markdown. */
import type { Comparable, RankedPair, Unpaired } from '../../analysis/compare.js';
import { nameInSentence, SCORE_DEFINITIONS, type ScoreName } from '../../audit/scores.js';
import type { AuditComparison, ComparedAudit, ComparedTheme, FramingComparison } from './compare-audits.js';
import type { SaidElsewhere } from '../../analysis/themes/elsewhere.js';
import { visibleLine } from '../../text/visible-text.js';
import { escapeMarkdown, formatTable } from './markdown-text.js';
import { formatFigure } from './numbers.js';
import { NONE, countOf, formatCount, formatFixed } from '../../text/numbers.js';
import { joinForReading } from '../../audit/seam.js';

const EXCERPT = 100;
/** Best of each ranking that are listed side by side. */
const LISTED = 20;

/** How a completion's id or rank is written, so that it leads to the completion. @param shown Markdown */
export type CompletionLink = (audit: ComparedAudit, id: number, shown: string) => string;

/** @param link leaves what is shown as it is, unless given */
export function formatComparisonMarkdown(
  { first, second, score, rankedBy, cautions, themes, framings }: AuditComparison,
  link: CompletionLink = (_audit, _id, shown) => shown,
): string {
  const links: Links = { first: (id, shown) => link(first, id, shown), second: (id, shown) => link(second, id, shown) };
  const { explanation } = SCORE_DEFINITIONS[score];
  const isScore = rankedBy === nameInSentence(score);
  const sections = [
    [
      `# ${escapeMarkdown(first.name)} and ${escapeMarkdown(second.name)}`,
      '',
      `Ranked by ${rankedBy}${isScore ? `: ${escapeMarkdown(explanation)}` : '.'}`,
      '',
    ],
    cautions.flatMap((caution) => [`**Caution.** ${escapeMarkdown(caution)}`, '']),
    formatTable(['', 'first', 'second'], tabulateAudits(first, second)),
    tellThemes(themes),
    ...framings.map((framing) => tellFraming(framing, score, links)),
  ];
  return `${sections
    .flat()
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** Of either audit. */
type Links = Readonly<Record<'first' | 'second', (id: number, shown: string) => string>>;

function tabulateAudits(first: ComparedAudit, second: ComparedAudit): string[][] {
  const row = (name: string, read: (audit: ComparedAudit) => string): string[] => [name, escapeMarkdown(read(first)), escapeMarkdown(read(second))];
  return [
    row('Audit', ({ name }) => name),
    row('Finetuned model', ({ finetunedName }) => finetunedName ?? NONE),
    row('Reference model', ({ referenceName }) => referenceName ?? NONE),
    row('Completions', ({ completions }) => formatCount(completions)),
  ];
}

function tellThemes(themes: readonly ComparedTheme[]): string[] {
  const titles = { first: 'Of the first', second: 'Of the second', both: 'Shared by both' };
  return [
    '## Themes',
    '',
    ...(themes.length === 0
      ? ['No theme recurs in either.', '']
      : formatTable(
          ['theme', '', 'completions of the first', 'of the second'],
          themes.map(({ phrase, of, first: here, second: there }) => [escapeMarkdown(visibleLine(phrase)), titles[of], ...[here, there].map(formatSaid)]),
        )),
  ];
}

/** In how many completions a theme stands. */
export function formatSaid({ completions, of }: SaidElsewhere): string {
  return `${formatCount(completions)} of ${formatCount(of)}`;
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

function tellFraming(framing: FramingComparison, score: ScoreName, links: Links): string[] {
  const { comparison, rose, fell } = framing;
  const table = (title: string, pairs: readonly RankedPair[]): string[] =>
    pairs.length === 0
      ? []
      : [
          `### ${title}`,
          '',
          ...formatTable(
            ['first', 'second', 'score, first', 'score, second', 'completion'],
            pairs.map((pair) => tellPair(pair, score, links)),
          ),
        ];
  const only = (title: string, items: readonly Unpaired[], cite: Links['first']): string[] =>
    items.length === 0
      ? []
      : [
          `### ${title}`,
          '',
          ...formatTable(
            ['rank', 'score', 'completion'],
            items.slice(0, LISTED).map((item) => [cite(item.id, String(item.rank)), formatFigure(item.scores[score]), excerpt(item)]),
          ),
          ...more(items.length),
        ];
  return [
    `## Framing ${framing.framing}`,
    '',
    ...formatTable(
      ['agreement', ''],
      describeAgreement(framing).map(({ name, value }) => [name, value]),
    ),
    ...table(`The best ${Math.min(LISTED, comparison.pairs.length)} of the first that the second has, too`, comparison.pairs.slice(0, LISTED)),
    ...table('Rose furthest', rose),
    ...table('Fell furthest', fell),
    ...only('Only in the first', comparison.onlyFirst, links.first),
    ...only('Only in the second', comparison.onlySecond, links.second),
  ];
}

function more(count: number): string[] {
  return count <= LISTED ? [] : [`and ${countOf(count - LISTED, 'other')}`, ''];
}

function tellPair({ first, second, firstRank, secondRank, kind }: RankedPair, score: ScoreName, links: Links): string[] {
  const text = kind === 'samePrefill' ? `${excerpt(first)}<br>${excerpt(second)}` : excerpt(first);
  return [
    links.first(first.id, String(firstRank)),
    links.second(second.id, String(secondRank)),
    formatFigure(first.scores[score]),
    formatFigure(second.scores[score]),
    text,
  ];
}

function excerpt({ prefillText: prefill, ...item }: Comparable): string {
  const characters = [...joinForReading({ prefill, ...item })];
  return escapeMarkdown(characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')}…` : characters.join(''));
}
