/** Names of the numbers that a ranking can sort by (DESIGN part 2, fine print). */
export const SCORE_NAMES = ['perplexityDifference', 'meanGap', 'totalGap', 'peakGap', 'bitsPerByte'] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** `null` where a completion has nothing to score. */
export type Scores = Readonly<Record<ScoreName, number | null>>;
