/** What hovering a shaded place tells: Markdown in which nothing of the text is markup. */
import type { SegmentDetail, TokenDetail } from '../../messages/page.js';
import { escapeMarkdown } from '../../records/report/markdown-text.js';
import { formatFixed } from '../../records/report/numbers.js';
import type { GapCell } from './gap-cells.js';
import { describeFactor, describeProbability } from './probability-text.js';

/** The words of it, which the editor translates. */
export interface GapWords {
  readonly finetuned: string;
  readonly reference: string;
  readonly probability: string;
  readonly logprob: string;
  readonly noReference: string;
  readonly noScore: string;
  readonly equallyLikely: string;
  segmentOf(tokensFinetuned: number, tokensReference: number): string;
  likelier(times: string, finetuned: boolean): string;
  gap(nats: string): string;
  perToken(nats: string): string;
}

export function describeCell({ tokens, segment }: GapCell, words: GapWords): string {
  if (segment) return describeSegment(segment, words);
  return tokens.map((token) => describeToken(token, words)).join('\n\n---\n\n');
}

function describeToken(token: TokenDetail, words: GapWords): string {
  const { gap, logprobFinetuned, logprobReference } = token;
  return [
    `**${nameToken(token)}**`,
    makeTable([[words.finetuned, logprobFinetuned], [words.reference, logprobReference]], words),
    gap === null ? words.noReference : describeGap(gap, words),
  ].join('\n\n');
}

function describeSegment(segment: SegmentDetail, words: GapWords): string {
  const { text, tokensFinetuned, referencePieces, logprobFinetuned, logprobReference, gap, straddlesPrefill } = segment;
  const pieces = referencePieces.map((piece) => `‹${showText(piece)}›`).join(' ');
  const perToken = tokensFinetuned > 1 ? ` · ${words.perToken(formatFixed(gap / tokensFinetuned, 2, true))}` : '';
  return [
    `**${showText(text)}**`,
    `${words.segmentOf(tokensFinetuned, referencePieces.length)} · ${words.reference}: ${pieces}`,
    makeTable([[words.finetuned, logprobFinetuned], [words.reference, logprobReference]], words),
    straddlesPrefill ? words.noScore : describeGap(gap, words) + perToken,
  ].join('\n\n');
}

function makeTable(rows: readonly (readonly [name: string, logprob: number | null])[], words: GapWords): string {
  const cells = rows.map(([name, logprob]) => (logprob === null ? `| ${name} | – | – |` : `| ${name} | ${describeProbability(logprob)} | ${formatFixed(logprob, 3)} |`));
  return [`| | ${words.probability} | ${words.logprob} |`, '|:--|--:|--:|', ...cells].join('\n');
}

function describeGap(gap: number, words: GapWords): string {
  const times = Math.exp(Math.abs(gap));
  const inWords = times < 1.05 ? words.equallyLikely : words.likelier(describeFactor(times), gap > 0);
  return `**${words.gap(formatFixed(gap, 2, true))}** · ${inWords}`;
}

function nameToken({ text, bytesHex }: TokenDetail): string {
  const hex = bytesHex === undefined ? '' : (bytesHex.match(/../g) ?? []).join(' ').toUpperCase();
  if (text === '') return hex;
  return hex === '' ? showText(text) : `${showText(text)} (${hex})`;
}

/** Blanks at the edges matter in a token. */
function showText(text: string): string {
  return escapeMarkdown(text.replaceAll(' ', '␣'));
}
