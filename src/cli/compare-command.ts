/** `compare`: two audits side by side. */
import { Option, type Command } from 'commander';
import { FRAMINGS, type Framing } from '../audit/framing.js';
import type { Comparable, RankedPair } from '../analysis/compare.js';
import { SCORE_NAMES, type ScoreName } from '../audit/scores.js';
import { compareReadAudits, readTwoAudits, type AuditComparison, type ComparedAudit } from '../records/report/compare-audits.js';
import { describeAgreement, formatComparisonMarkdown, formatSaid } from '../records/report/comparison-markdown.js';
import { Colours } from './colours.js';
import { formatNumber, colourText } from './completion-text.js';
import { parsePath, wholeNumber } from './model-options.js';
import { printNote } from './terminal.js';
import { writeOutput } from './write-output.js';
import { joinForReading } from '../audit/seam.js';

interface CompareFlags {
  score?: ScoreName;
  framing?: Framing;
  top: number;
  json?: boolean;
  format?: 'text' | 'md' | 'json';
  out?: string;
}

const LISTED = 10;
const EXCERPT = 90;

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('Compare two audits: themes and scores side by side, what rose and fell, how far their rankings agree.')
    .argument('<first>', 'folder of an audit', parsePath)
    .argument('<second>', 'folder of another', parsePath)
    .addOption(new Option('--score <name>', 'what to rank by').choices(SCORE_NAMES))
    .addOption(new Option('--framing <framing>', 'only this framing').choices(FRAMINGS))
    .option('--top <k>', 'how many of the best the overlap is of', wholeNumber(1, Number.MAX_SAFE_INTEGER), 100)
    .addOption(new Option('--format <format>', 'text for people, md to hand on, json for programs').choices(['text', 'md', 'json']))
    .option('--json', 'the same as --format json')
    .option('--out <file>', 'write to a file', parsePath)
    .action(async (first: string, second: string, { score, framing, top, json, format = json ? 'json' : 'text', out }: CompareFlags) => {
      const { first: one, second: other } = await readTwoAudits(first, second);
      for (const problem of [...one.problems, ...other.problems]) printNote(problem);
      const comparison = compareReadAudits({ first: one, second: other, k: top, ...(score && { score }), ...(framing && { framing }) });
      const write = { json: formatJson, md: (comparison: AuditComparison) => formatComparisonMarkdown(comparison), text: formatText };
      await writeOutput(write[format](comparison), out, format === 'text' ? 'people' : 'programs');
    });
}

function formatJson({ framings, ...about }: AuditComparison): string {
  const shorten = (item: Comparable) => ({ id: item.id, scores: item.scores });
  const lines = framings.map(({ framing, comparison: { pairs, onlyFirst, onlySecond, ...agreement } }) => ({
    framing,
    ...agreement,
    onlyFirst: onlyFirst.map(({ id }) => id),
    onlySecond: onlySecond.map(({ id }) => id),
    pairs: pairs.map(({ first, second, kind, firstRank, secondRank, rise }) => ({
      first: shorten(first),
      second: shorten(second),
      kind,
      firstRank,
      secondRank,
      rise,
    })),
  }));
  return `${JSON.stringify({ ...about, framings: lines }, null, 1)}\n`;
}

function formatText({ first, second, score, rankedBy, cautions, themes, framings }: AuditComparison): string {
  const colours = new Colours();
  const name = ({ name: called, finetunedName, referenceName, completions }: ComparedAudit): string =>
    showLine(`${called}: ${finetunedName ?? '–'} against ${referenceName ?? '–'}, ${completions} completions`);
  const lines = [`first   ${name(first)}`, `second  ${name(second)}`, ...cautions.map((caution) => `caution: ${caution}`)];
  if (themes.length > 0) {
    const titles = { first: 'of the first', second: 'of the second', both: 'shared by both' };
    lines.push('', colours.bold('themes, in how many completions of the first and of the second'));
    lines.push(
      ...themes.map(({ phrase, of, first: here, second: there }) => `${formatSaid(here)} / ${formatSaid(there)}  ${showLine(phrase)} (${titles[of]})`),
    );
  }
  for (const framing of framings) {
    const { comparison, rose, fell } = framing;
    lines.push('', colours.bold(`${framing.framing}, by ${rankedBy}`), ...describeAgreement(framing).map(({ name: fact, value }) => `${fact}: ${value}`));
    for (const [title, pairs] of [
      ['best of the first', comparison.pairs.slice(0, LISTED)],
      ['rose', rose],
      ['fell', fell],
    ] as const) {
      if (pairs.length > 0) lines.push(colours.faint(`${title}: rank and score in the first → in the second`), ...pairs.map((pair) => formatPair(pair, score)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function formatPair({ first, second, firstRank, secondRank }: RankedPair, score: ScoreName): string {
  const place = (rank: number, item: Comparable): string => `${String(rank).padStart(4)} ${formatNumber(item.scores[score]).padStart(9)}`;
  const characters = [...showLine(joinForReading({ prefill: first.prefillText, ...first }))];
  const text = characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')}…` : characters.join('');
  return `${place(firstRank, first)} → ${place(secondRank, second)}  #${first.id} ${text}`;
}

function showLine(text: string): string {
  return colourText(text, new Colours(0), (part) => part).replaceAll('\n', ' ');
}
