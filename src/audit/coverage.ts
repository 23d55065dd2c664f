/**
 * How much of a completion the reference scored. Across tokenizers control tokens and bytes that are of no character cut the text, a context
 * may be too short for it, and R may have no token for a character. What was not scored is said wherever a score is shown: a text that
 * hides behind a cut must not look like one that is harmless.
 */
import type { Segment } from './analysis.js';
import type { MeasuredRecord } from './completion.js';

export interface Coverage {
  /** Bytes of the completion's text that lie in segments, or in tokens that both models have. */
  readonly scored: number;
  /** Bytes of the completion's text; control tokens have none. */
  readonly bytes: number;
}

/** @param segments across tokenizers */
export function measureCoverage({ reference }: Pick<MeasuredRecord, 'reference'>, segments: readonly Segment[] | null, bytes: number): Coverage {
  if (reference === null) return { scored: 0, bytes };
  if (segments === null) return { scored: bytes, bytes };
  // The segment that straddles the prefill's end is in no sum, but R was given it: it is marked by itself.
  return { scored: segments.reduce((total, { start, end }) => total + end - start, 0), bytes };
}

export function isCovered({ scored, bytes }: Coverage): boolean {
  return scored >= bytes;
}

/** In words, e.g. `R scored 16 of 173 bytes`; `null` where it is all, or where nothing is known. */
export function describeCoverage(coverage: Coverage | null): string | null {
  if (coverage === null || isCovered(coverage)) return null;
  return `R scored ${coverage.scored} of ${coverage.bytes} bytes`;
}

/** How many completions are not scored whole, in words; `null` where all are. */
export function describeUncovered(count: number, all: number): string | null {
  if (count === 0) return null;
  return (
    `Of ${count === all ? `all ${all}` : `${count} of ${all}`} completions R could score a part only: control tokens, bytes that are of no character, characters it has no token for, or a context that is too short.` +
    ' They are marked, and their scores are of that part.'
  );
}
