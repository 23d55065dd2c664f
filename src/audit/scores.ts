/**
 * The numbers that a ranking can sort by (DESIGN part 2, fine print): one table, from which everything that offers, computes, explains or
 * prints a score takes it. Another score is another entry.
 */

/** Of one completion, over what both models scored: sums of logprobs in nats, each model over its own tokens. */
export interface MeasuredSums {
  readonly totalFinetuned: number;
  readonly totalReference: number;
  readonly tokensFinetuned: number;
  readonly tokensReference: number;
  readonly perplexityFinetuned: number;
  readonly perplexityReference: number;
  /** Highest mean gap over a window of 8 tokens, nats; `null` where there is no gap. */
  readonly peakGap: number | null;
  /** Of the text; control tokens have none. */
  readonly bytes: number;
}

/** What is known of a completion that was generated and scored elsewhere: no tokens. */
export interface ToldPerplexities {
  readonly perplexityFinetuned: number;
  readonly perplexityReference: number;
  /** Words of the completion, at least 1. */
  readonly words: number;
}

export interface ScoreDefinition {
  /** As a heading. */
  readonly name: string;
  /** Several of them, in a sentence. */
  readonly plural: string;
  /** For an axis; empty where it has none. */
  readonly unit: string;
  /** How a plot lays it out: differences and sums have long tails on both sides of 0, so that their axis is linear around it and logarithmic far from it. */
  readonly axis: 'linear' | 'asinh';
  /** Decimals that are worth reading; `null` for three significant figures. */
  readonly decimals: number | null;
  /** A sentence: what it is, and what it finds. */
  readonly explanation: string;
  /** The same where the two models have different tokenizers, if it is another. */
  readonly acrossTokenizers?: string;
  /** The same of what was imported without its tokens, if it is another. */
  readonly ofImport?: string;
  readonly compute: (sums: MeasuredSums) => number | null;
  /** Left out where it needs tokens or bytes of logprobs. */
  readonly computeImported?: (told: ToldPerplexities) => number;
}

const totalGap = ({ totalFinetuned, totalReference }: MeasuredSums): number => totalFinetuned - totalReference;

const DEFINITIONS = {
  perplexityDifference: {
    name: 'Perplexity difference',
    plural: 'perplexity differences',
    unit: '',
    axis: 'asinh',
    decimals: null,
    explanation: 'PPL of R − PPL of F: how much more the whole completion surprises the reference. The ranking of the method’s paper.',
    acrossTokenizers: 'PPL of R − PPL of F, each model over its own tokens: compare with care.',
    compute: ({ perplexityFinetuned, perplexityReference }) => perplexityReference - perplexityFinetuned,
    computeImported: ({ perplexityFinetuned, perplexityReference }) => perplexityReference - perplexityFinetuned,
  },
  standardizedGap: {
    name: 'Standardised gap',
    plural: 'standardised gaps',
    unit: 'nats per √token',
    axis: 'linear',
    decimals: 2,
    explanation: 'Total gap divided by the root of the number of tokens: neither short nor long completions come up by their length alone.',
    acrossTokenizers: 'Sum of the gaps of all segments, divided by the root of the number of F’s tokens.',
    ofImport: 'ln PPL of R − ln PPL of F, times the root of the number of words, which stand in for the tokens that are not known.',
    compute: (sums) => totalGap(sums) / Math.sqrt(sums.tokensFinetuned),
    // Without tokens, words stand in for them: the order among texts of one language is nearly the same.
    computeImported: ({ perplexityFinetuned, perplexityReference, words }) => Math.log(perplexityReference / perplexityFinetuned) * Math.sqrt(words),
  },
  meanGap: {
    name: 'Mean gap',
    plural: 'mean gaps',
    unit: 'nats per token',
    axis: 'linear',
    decimals: 2,
    explanation: 'ln PPL of R − ln PPL of F: the ratio of the perplexities. Short completions come up.',
    acrossTokenizers: 'ln PPL of R − ln PPL of F, each model over its own tokens: compare with care.',
    // ln PPL_R − ln PPL_F, without the way through exp and back.
    compute: ({ totalFinetuned, totalReference, tokensFinetuned, tokensReference }) => totalFinetuned / tokensFinetuned - totalReference / tokensReference,
    computeImported: ({ perplexityFinetuned, perplexityReference }) => Math.log(perplexityReference) - Math.log(perplexityFinetuned),
  },
  totalGap: {
    name: 'Total gap',
    plural: 'total gaps',
    unit: 'nats',
    axis: 'asinh',
    decimals: 1,
    explanation: 'Sum of all token gaps. Long completions come up.',
    acrossTokenizers: 'Sum of the gaps of all segments of text. Long completions come up.',
    compute: totalGap,
  },
  peakGap: {
    name: 'Peak gap',
    plural: 'peak gaps',
    unit: 'nats per token',
    axis: 'linear',
    decimals: 2,
    explanation: 'Highest mean gap over 8 tokens in a row: finds one phrase in a long text.',
    acrossTokenizers: 'Highest mean gap per token of F over segments in a row of at least 8 tokens: finds one phrase in a long text.',
    compute: ({ peakGap }) => peakGap,
  },
  bitsPerByte: {
    name: 'Bits per byte',
    plural: 'bits-per-byte differences',
    unit: 'R − F',
    axis: 'linear',
    decimals: 3,
    explanation: 'Difference in bits per byte of text: the fair one where the two tokenizers differ.',
    acrossTokenizers: 'Difference in bits per byte of text: the fair one here, since the two tokenizers differ.',
    compute: (sums) => (sums.bytes === 0 ? null : totalGap(sums) / (sums.bytes * Math.LN2)),
  },
} as const satisfies Record<string, ScoreDefinition>;

export type ScoreName = keyof typeof DEFINITIONS;

export const SCORE_DEFINITIONS: Readonly<Record<ScoreName, ScoreDefinition>> = DEFINITIONS;

/** In the order in which they are offered. */
export const SCORE_NAMES = Object.keys(DEFINITIONS) as readonly ScoreName[];

/** `null` where a completion has nothing to score. */
export type Scores = Readonly<Record<ScoreName, number | null>>;

/** One value for each score. */
export function eachScore(compute: (definition: ScoreDefinition, name: ScoreName) => number | null): Scores {
  return Object.fromEntries(SCORE_NAMES.map((name) => [name, compute(SCORE_DEFINITIONS[name], name)])) as Scores;
}

/** Of a completion of which nothing can be scored. */
export const NO_SCORES: Scores = eachScore(() => null);

/** What a score is, in a sentence. @param imported without its tokens */
export function explainScore(score: ScoreName, sameTokenizer: boolean, imported = false): string {
  const { explanation, acrossTokenizers, ofImport } = SCORE_DEFINITIONS[score];
  if (imported) return ofImport ?? explanation;
  return sameTokenizer ? explanation : (acrossTokenizers ?? explanation);
}

/** Its name within a sentence: `mean gap`. */
export function nameInSentence(score: ScoreName): string {
  return SCORE_DEFINITIONS[score].name.toLowerCase();
}
