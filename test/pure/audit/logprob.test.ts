import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import { LOWEST_LOGPROB, roundLogprob } from '../../../src/audit/logprob.js';

describe('roundLogprob', () => {
  it('rounds to 5 decimals', () => {
    expect(roundLogprob(-1.234_567_89, 'x')).toBe(-1.23457);
    expect(JSON.stringify(roundLogprob(-0.1 - 0.2, 'x'))).toBe('-0.3');
  });

  it('has no negative zero and nothing above zero', () => {
    expect(roundLogprob(-0, 'x')).toBe(0);
    expect(roundLogprob(-1e-9, 'x')).toBe(0);
    expect(roundLogprob(1e-6, 'x')).toBe(0);
    expect(Object.is(roundLogprob(-1e-9, 'x'), 0)).toBe(true);
  });

  it('keeps a probability that underflowed to 0 as the least that float32 knows', () => {
    expect(roundLogprob(-Infinity, 'x')).toBe(LOWEST_LOGPROB);
    expect(LOWEST_LOGPROB).toBeCloseTo(-149 * Math.LN2, 5);
  });

  it('never ranks what is lower still above a probability of 0', () => {
    expect(roundLogprob(-200, 'x')).toBe(LOWEST_LOGPROB);
    expect(roundLogprob(-103, 'x')).toBe(-103);
  });

  it.each([NaN, Infinity, 0.5])('refuses %d and names whose it is', (value) => {
    expect(() => roundLogprob(value, 'completion 7 under the reference model')).toThrow(/completion 7 under the reference model/);
    expect(() => roundLogprob(value, 'x')).toThrow(AuditError);
  });
});
