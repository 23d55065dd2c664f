/** A completion as lines of a terminal, its tokens shaded by their gap. */
import { describeCoverage } from '../audit/coverage.js';
import type { ReportedCompletion } from '../analysis/report.js';
import { nameInSentence, type ScoreName } from '../audit/scores.js';
import { chipText, visibleLine, visibleParts } from '../text/visible-text.js';
import type { Colours } from './colours.js';

const INDENT = '    ';

/** Title line and text of the completion at a rank (from 1). */
export function formatCompletion(completion: ReportedCompletion, rank: number, score: ScoreName, colours: Colours): string {
  const value = completion.scores[score];
  const facts = [
    ...(value === null && completion.perplexityReference === null && completion.perplexityFinetuned === null
      ? []
      : [
          `${nameInSentence(score)} ${value === null ? 'none' : formatNumber(value)}`,
          `perplexity ${formatNumber(completion.perplexityReference)} → ${formatNumber(completion.perplexityFinetuned)}`,
        ]),
    `completion ${completion.id}`,
    ...(completion.coverage ? [describeCoverage(completion.coverage)!] : []),
  ];
  const title = `${colours.bold(`${String(rank).padStart(2)}.`)} ${facts.join(colours.faint(' · '))}`;
  const text = colourText(completion.prefill, colours, (part) => colours.prefill(part)) + shadeTokens(completion, colours);
  return `${title}\n${INDENT}${text.replaceAll('\n', `\n${INDENT}`)}\n`;
}

/** Text with what a terminal would obey or hide made visible; `style` is put on the rest. */
export function colourText(text: string, colours: Colours, style: (part: string) => string): string {
  return visibleParts(text)
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return style(part.text);
        case 'newline':
          return `${colours.sign('⏎')}\n`;
        case 'tab':
          return colours.sign('⇥ ');
        case 'blank':
          return colours.sign('⍽');
        case 'chip':
          return colours.sign(`⟦${chipText(part)}⟧`);
      }
    })
    .join('');
}

export function formatNumber(value: number | null): string {
  if (value === null) return '–';
  const magnitude = Math.abs(value);
  return magnitude >= 1e6 ? value.toExponential(2) : value.toFixed(magnitude >= 100 ? 1 : 2);
}

function shadeTokens(completion: ReportedCompletion, colours: Colours): string {
  // There are none of what something else generated, but there is its text.
  if (completion.tokens.length === 0) return colourText(completion.text, colours, (part) => part);
  const gaps = gapsOfTokens(completion);
  const shaded = completion.tokens.map((token, index) => colourText(token.text, colours, (part) => colours.shade(part, gaps[index]!)));
  if (!completion.turn) return shaded.join('');
  // What the template writes between question and answer is on a line of its own.
  const { at, text } = completion.turn;
  return [...shaded.slice(0, at), `\n${colours.faint(`— ${visibleLine(text)} —`)}\n`, ...shaded.slice(at)].join('');
}

/** Across tokenizers a token is shaded by its segment's gap per token. */
function gapsOfTokens({ tokens, segments }: ReportedCompletion): (number | null)[] {
  if (!segments) return tokens.map((token) => token.gap);
  const gaps: (number | null)[] = [];
  for (const segment of segments) {
    while (segment.from !== undefined && gaps.length < segment.from) gaps.push(null);
    const gap = segment.straddlesPrefill ? null : segment.gap / Math.max(1, segment.tokensFinetuned);
    for (let count = 0; count < segment.tokensFinetuned; count++) gaps.push(gap);
  }
  return tokens.map((_, index) => gaps[index] ?? null);
}
