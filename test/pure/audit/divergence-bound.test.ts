/** The divergence of two distributions of which only the likeliest tokens are known, against the sum over all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundDivergence, type NamedLogprob } from '../../../src/audit/divergence-bound.js';

/** Float64 over the whole vocabulary. */
const exact = (p: readonly number[], q: readonly number[]): number => p.reduce((sum, own, i) => sum + (own === 0 ? 0 : own * Math.log(own / q[i]!)), 0);

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function likeliest(p: readonly number[], count: number): NamedLogprob[] {
  return p
    .map((own, token) => ({ token: String(token), logprob: Math.log(own) }))
    .sort((a, b) => b.logprob - a.logprob)
    .slice(0, count);
}

const logit = fc.double({ min: -12, max: 12, noNaN: true });
const pairs = fc.array(fc.tuple(logit, logit), { minLength: 2, maxLength: 60 });

describe('boundDivergence', () => {
  it('is never above the exact divergence, and no less than 0', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (logits, count, otherCount) => {
        const [p, q] = [softmax(logits.map(([own]) => own)), softmax(logits.map(([, other]) => other))];
        const bound = boundDivergence(likeliest(p, count), likeliest(q, otherCount));
        expect(bound.forward).toBeGreaterThanOrEqual(0);
        expect(bound.backward).toBeGreaterThanOrEqual(0);
        expect(bound.forward).toBeLessThanOrEqual(exact(p, q) + 1e-9);
        expect(bound.backward).toBeLessThanOrEqual(exact(q, p) + 1e-9);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the divergence itself where all tokens are named, and says so by an unseen mass of 0', () => {
    const [p, q] = [softmax([3, 1, 0, -2]), softmax([0, 1, 2, -1])];
    const bound = boundDivergence(likeliest(p, 4), likeliest(q, 4));
    expect(bound.forward).toBeCloseTo(exact(p, q), 9);
    expect(bound.backward).toBeCloseTo(exact(q, p), 9);
    expect(bound.unseen).toBeCloseTo(0, 9);
  });

  it('is Σ p ln(p/q) + ρ ln(ρ/ρ) over the tokens that both name', () => {
    const named = (entries: Record<string, number>) => Object.entries(entries).map(([token, p]) => ({ token, logprob: Math.log(p) }));
    const bound = boundDivergence(named({ a: 0.5, b: 0.3 }), named({ a: 0.25, c: 0.25 }));
    expect(bound.forward).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(0.5 / 0.75), 12);
    expect([bound.unseen, bound.otherUnseen]).toEqual([0.5, 0.75]);
    expect(boundDivergence([], [])).toEqual({ forward: 0, backward: 0, unseen: 1, otherUnseen: 1 });
  });
});
