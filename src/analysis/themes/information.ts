/** How much each word of a completion says about what F was finetuned to do. */
import type { Background } from './background.js';
import { HIGH_GAP } from './theme.js';
import type { WordTable } from './word-table.js';

/** By place in the table. */
export interface Information {
  /** At least 0. */
  readonly amounts: Float64Array;
  /** 1 where a phrase may begin or end. */
  readonly edges: Uint8Array;
}

/** At the edge of a phrase, without gaps: a word stands here this much more often than the background expects, as a logarithm. */
const EDGE_SURPRISE = 1.5;
/** At the edge of a phrase, with gaps: a word is high in this share of its occurrences. */
const EDGE_SHARE = 0.25;

/**
 * With token gaps: a word's gap, in nats, times the share of its own occurrences in this audit that are high. The audit is its own stop
 * list: what both models expect in most places says nothing where they do not.
 */
export function informationOfGaps(table: WordTable): Information {
  const { words, gaps } = table;
  const high = new Float64Array(table.texts.length);
  const all = new Float64Array(table.texts.length);
  for (let place = 0; place < words.length; place++) {
    if (Number.isNaN(gaps[place]!)) continue;
    all[words[place]!]!++;
    if (gaps[place]! >= HIGH_GAP) high[words[place]!]!++;
  }
  const amounts = new Float64Array(words.length);
  const edges = new Uint8Array(words.length);
  for (let place = 0; place < words.length; place++) {
    const word = words[place]!;
    const gap = gaps[place]!;
    if (!(gap > 0)) continue;
    const share = high[word]! / all[word]!;
    amounts[place] = gap * share;
    if (gap >= HIGH_GAP && share >= EDGE_SHARE) edges[place] = 1;
  }
  return { amounts, edges };
}

/**
 * Without gaps: ln(1 + difference of the perplexities) of the completion, times how much more completions have the word than the background
 * expects of texts as long, as a logarithm.
 */
export function informationOfTexts(table: WordTable, background: Background): Information {
  const { words, documents } = table;
  const completions = new Float64Array(table.texts.length);
  const last = new Int32Array(table.texts.length).fill(-1);
  for (let place = 0; place < words.length; place++) {
    const word = words[place]!;
    if (last[word] === documents[place]) continue;
    last[word] = documents[place]!;
    completions[word]!++;
  }
  const lengthMean = words.length / Math.max(1, table.sources.length);
  const surprise = table.texts.map((text, word) => Math.log(completions[word]! / table.sources.length / background.shareOfTexts(text, lengthMean)));
  const weights = table.sources.map(({ perplexityDifference: difference }) => (difference == null ? 1 : Math.log(1 + Math.max(0, difference))));
  const amounts = new Float64Array(words.length);
  const edges = new Uint8Array(words.length);
  for (let place = 0; place < words.length; place++) {
    const surprising = surprise[words[place]!]!;
    amounts[place] = Math.max(0, surprising) * weights[documents[place]!]!;
    if (surprising >= EDGE_SURPRISE) edges[place] = 1;
  }
  return { amounts, edges };
}
