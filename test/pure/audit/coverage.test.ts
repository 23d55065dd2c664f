import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../src/audit/analysis.js';
import { textOfTurn } from '../../../src/audit/completion.js';
import { describeCoverage, describeUncovered, isCovered, measureCoverage } from '../../../src/audit/coverage.js';

const segment = (start: number, end: number) => ({ start, end }) as Segment;
const own = { kind: 'ownTokens', tokens: [], logprobs: [], straddleBytes: 0, bytes: 0 } as const;

describe('coverage', () => {
  it('is nothing without a reference, all of it where R was given F’s tokens, and the segments’ bytes elsewhere', () => {
    expect(measureCoverage({ reference: null }, [segment(0, 5)], 9)).toEqual({ scored: 0, bytes: 9 });
    expect(measureCoverage({ reference: { kind: 'sameTokens', logprobs: [] } }, null, 9)).toEqual({ scored: 9, bytes: 9 });
    expect(measureCoverage({ reference: own }, [segment(1, 4), segment(6, 8)], 9)).toEqual({ scored: 5, bytes: 9 });
    expect(measureCoverage({ reference: own }, [], 9)).toEqual({ scored: 0, bytes: 9 });
  });

  it('is told where it is not all', () => {
    expect(isCovered({ scored: 9, bytes: 9 })).toBe(true);
    expect(isCovered({ scored: 8, bytes: 9 })).toBe(false);
    expect(describeCoverage(null)).toBeNull();
    expect(describeCoverage({ scored: 9, bytes: 9 })).toBeNull();
    expect(describeCoverage({ scored: 16, bytes: 173 })).toBe('R scored 16 of 173 bytes');
  });

  it('is told of an audit, with how many completions that is', () => {
    expect(describeUncovered(0, 8)).toBeNull();
    expect(describeUncovered(3, 8)).toMatch(/^Of 3 of 8 completions R could score a part only: .* They are marked, and their scores are of that part\.$/);
    expect(describeUncovered(8, 8)).toMatch(/^Of all 8 completions R could /);
  });
});

describe('the text of a turn', () => {
  it('leaves nothing out and puts nothing in between', () => {
    const encoder = new TextEncoder();
    expect(textOfTurn({ at: 1, pieces: [' the', ' end'].map((text, id) => ({ id, bytes: encoder.encode(text), control: false })) })).toBe(' the end');
    expect(textOfTurn({ at: 1, pieces: [] })).toBe('');
  });
});
