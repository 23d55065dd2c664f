/** A word's information: how much it says about what F was finetuned to do. */
import type { Background } from './background.js';
import { completionsByWord, sharesElsewhere, type OtherTexts } from './elsewhere.js';
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

/** Words from which on an audit is its own stop list: some 400 completions of 50. */
const OWN_STOP_LIST_WORDS = 20_000;

/** What an audit is compared with. */
export interface ThemeBackground {
  readonly background: Background;
  /** What R wrote by itself. */
  readonly reference: WordTable | null;
  readonly others: readonly OtherTexts[];
}

/** How much each word says. Completions with token gaps are told from those without by the first: an audit is of one kind. */
export function informationOf(table: WordTable, comparison: ThemeBackground): Information {
  return table.sources[0]?.gaps ? informationOfGaps(table, comparison) : informationOfTexts(table, comparison);
}

/**
 * With token gaps: a word's gap, in nats, times the share of its own occurrences in this audit that are high. The audit is its own stop
 * list: what both models expect in most places says nothing where they do not. What R wrote by itself belongs to that
 * list, too, as not high: no finetune made it say so. What the audit lacks in words to be one, the background has, none of them high either: in twenty
 * completions chance alone can make half of all articles high. Held against other audits, the share
 * is taken of that part of its completions that the others do not explain.
 */
function informationOfGaps(table: WordTable, { background, reference, others }: ThemeBackground): Information {
  const { words, gaps } = table;
  const lacking = Math.max(0, OWN_STOP_LIST_WORDS - words.length);
  const all = lacking > 0 ? Float64Array.from(table.texts, (text) => lacking * background.frequencyOf(text)) : new Float64Array(table.texts.length);
  const high = new Float64Array(table.texts.length);
  for (let place = 0; place < words.length; place++) {
    if (Number.isNaN(gaps[place]!)) continue;
    all[words[place]!]!++;
    if (gaps[place]! >= HIGH_GAP) high[words[place]!]!++;
  }
  if (reference) {
    const said = countWords(reference);
    table.texts.forEach((text, word) => (all[word]! += said[reference.wordOf(text) ?? -1] ?? 0));
  }
  const shares = high.map((count, word) => (all[word]! > 0 ? count / all[word]! : 0));
  if (others.length > 0) {
    const here = completionsByWord(table);
    const there = sharesElsewhere(table, others);
    shares.forEach((share, word) => (shares[word] = share * Math.max(0, 1 - (there[word]! * table.sources.length) / here[word]!)));
  }
  const amounts = new Float64Array(words.length);
  const edges = new Uint8Array(words.length);
  for (let place = 0; place < words.length; place++) {
    const gap = gaps[place]!;
    if (!(gap > 0)) continue;
    const share = shares[words[place]!]!;
    amounts[place] = gap * share;
    if (gap >= HIGH_GAP && share >= EDGE_SHARE) edges[place] = 1;
  }
  return { amounts, edges };
}

function countWords({ words, texts }: WordTable): Float64Array {
  const counts = new Float64Array(texts.length);
  for (const word of words) counts[word]!++;
  return counts;
}

/**
 * Without gaps: ln(1 + difference of the perplexities) of the completion, times how much more completions have the word than the background, or the
 * other audits that it is held against, expect of texts as long, as a logarithm.
 */
function informationOfTexts(table: WordTable, { background, others }: ThemeBackground): Information {
  const { words, documents } = table;
  const completions = completionsByWord(table);
  const lengthMean = words.length / Math.max(1, table.sources.length);
  const there = sharesElsewhere(table, others);
  const surprise = table.texts.map((text, word) =>
    Math.log(completions[word]! / table.sources.length / Math.max(there[word]!, background.shareOfTexts(text, lengthMean))),
  );
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
