/** The hover of a shaded place: Markdown in which nothing of the text is markup. */
import type { SegmentDetail, TokenDetail } from '../../messages/page.js';
import { formatFixed } from '../../text/numbers.js';
import { md, Markdown } from '../../editor/shown/markdown.js';
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
  divergence(forward: string, backward: string): string;
  perToken(nats: string): string;
}

export function describeCell({ tokens, segment }: GapCell, words: GapWords): Markdown {
  if (segment) return describeSegment(segment, words);
  const [first, ...others] = tokens.map((token) => describeToken(token, words));
  return Markdown.join(
    [
      ...(first ? [first] : []),
      ...others.flatMap((token) => [
        md`
***
        `,
        token,
      ]),
    ],
    '\n\n',
  );
}

function describeToken(token: TokenDetail, words: GapWords): Markdown {
  const { gap, logprobFinetuned, logprobReference, divergence } = token;
  return Markdown.join(
    [
      md`**${nameToken(token)}**`,
      makeTable(
        [
          [words.finetuned, logprobFinetuned],
          [words.reference, logprobReference],
        ],
        words,
      ),
      gap === null ? md`${words.noReference}` : describeGap(gap, words),
      ...(divergence ? [md`${words.divergence(formatFixed(divergence.forward, 3), formatFixed(divergence.backward, 3))}`] : []),
    ],
    '\n\n',
  );
}

function describeSegment(segment: SegmentDetail, words: GapWords): Markdown {
  const { text, tokensFinetuned, referencePieces, logprobFinetuned, logprobReference, gap, straddlesPrefill } = segment;
  const pieces = referencePieces.map((piece) => `‹${showBlanks(piece)}›`).join(' ');
  const perToken = tokensFinetuned > 1 ? md` · ${words.perToken(formatFixed(gap / tokensFinetuned, 2, true))}` : md``;
  return Markdown.join(
    [
      md`**${showBlanks(text)}**`,
      md`${words.segmentOf(tokensFinetuned, referencePieces.length)} · ${words.reference}: ${pieces}`,
      makeTable(
        [
          [words.finetuned, logprobFinetuned],
          [words.reference, logprobReference],
        ],
        words,
      ),
      straddlesPrefill ? md`${words.noScore}` : md`${describeGap(gap, words)}${perToken}`,
    ],
    '\n\n',
  );
}

function makeTable(rows: readonly (readonly [name: string, logprob: number | null])[], words: GapWords): Markdown {
  const cells = rows.map(([name, logprob]) =>
    logprob === null ? md`| ${name} | – | – |` : md`| ${name} | ${describeProbability(logprob)} | ${formatFixed(logprob, 3)} |`,
  );
  return Markdown.join(
    [
      md`| | ${words.probability} | ${words.logprob} |`,
      md`
|:--|--:|--:|
      `,
      ...cells,
    ],
    '\n',
  );
}

function describeGap(gap: number, words: GapWords): Markdown {
  const times = Math.exp(Math.abs(gap));
  const inWords = times < 1.05 ? words.equallyLikely : words.likelier(describeFactor(times), gap > 0);
  return md`**${words.gap(formatFixed(gap, 2, true))}** · ${inWords}`;
}

function nameToken({ text, bytesHex }: TokenDetail): string {
  const hex = bytesHex === undefined ? '' : (bytesHex.match(/../g) ?? []).join(' ').toUpperCase();
  if (text === '') return hex;
  return hex === '' ? showBlanks(text) : `${showBlanks(text)} (${hex})`;
}

/** Blanks at the edges matter in a token. */
function showBlanks(text: string): string {
  return text.replaceAll(' ', '␣');
}
