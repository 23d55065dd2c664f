/** A completion that was written again, held against the journal's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReproduced, REPRODUCTION_BOUND } from '../../../src/analysis/reproduction.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { makeRecord, piece } from '../records/example-audit.js';

const before = makeRecord(0);
const last = before.tokens.length - 1;
const shift = (values: readonly number[], at: number, by: number) => values.map((value, index) => (index === at ? value + by : value));
const underReference = (logprobs: readonly number[]): MeasuredRecord => ({ ...before, reference: { kind: 'sameTokens', logprobs } });
const otherToken = (at: number, logprob: number): MeasuredRecord => ({
  ...before,
  tokens: before.tokens.map((own, index) => (index === at ? piece(999, 'other') : own)),
  logprobsFinetuned: before.logprobsFinetuned.map((own, index) => (index === at ? logprob : own)),
});

describe('a completion written again', () => {
  it('is the same where every token and logprob is', () => {
    expect(compareReproduced(before, structuredClone(before), 0)).toEqual({ id: 0, agreement: 'same', largest: 0, partedAt: null, fault: null });
  });

  it('is close up to the bound, and another one beyond it, for each model and each token', () => {
    const logprobsR = (before.reference as { logprobs: readonly number[] }).logprobs;
    fc.assert(
      fc.property(fc.nat(last), fc.boolean(), fc.double({ min: 1e-5, max: 0.1, noNaN: true }), fc.boolean(), (at, ofReference, size, up) => {
        const by = up ? size : -size;
        const now = ofReference ? underReference(shift(logprobsR, at, by)) : { ...before, logprobsFinetuned: shift(before.logprobsFinetuned, at, by) };
        const { agreement, largest, fault } = compareReproduced(before, now, 0);
        expect(largest).toBeCloseTo(size, 9);
        expect(agreement).toBe(largest <= REPRODUCTION_BOUND ? 'close' : 'other');
        if (agreement === 'other') expect(fault).toContain(`token ${at + 1} under the ${ofReference ? 'reference' : 'finetuned'} model`);
        else expect(fault).toBeNull();
      }),
    );
  });

  it('parts where another token was as likely', () => {
    const now = otherToken(1, before.logprobsFinetuned[1]! - 0.01);
    expect(compareReproduced(before, now, 0)).toMatchObject({ agreement: 'parted', partedAt: 1, fault: null });
  });

  it('is another one where greedy writing chose a token that was not', () => {
    const now = otherToken(1, before.logprobsFinetuned[1]! - 0.5);
    const { agreement, fault } = compareReproduced(before, now, 0);
    expect(agreement).toBe('other');
    expect(fault).toContain('token 2 is another one now');
    // Where tokens are drawn, a draw at the edge of two may fall otherwise.
    expect(compareReproduced(before, now, 1).agreement).toBe('parted');
  });

  it('is another one where what comes before the parting differs', () => {
    const parted = otherToken(last, before.logprobsFinetuned[last]!);
    const now = { ...parted, logprobsFinetuned: shift(parted.logprobsFinetuned, 0, 0.3) };
    expect(compareReproduced(before, now, 0)).toMatchObject({ agreement: 'other', largest: expect.closeTo(0.3, 9) as number });
    expect(compareReproduced(before, now, 1).agreement).toBe('other');
  });

  it('is another one where the text ends earlier, or goes on, and nothing says that the end was as likely', () => {
    const shorter = {
      ...before,
      tokens: before.tokens.slice(0, -1),
      logprobsFinetuned: before.logprobsFinetuned.slice(0, -1),
      reference: { kind: 'sameTokens', logprobs: (before.reference as { logprobs: readonly number[] }).logprobs.slice(0, -1) },
      end: null,
    } satisfies MeasuredRecord;
    expect(compareReproduced(before, shorter, 0)).toMatchObject({ agreement: 'other', partedAt: last });
    expect(compareReproduced(shorter, before, 0)).toMatchObject({ agreement: 'other', partedAt: last });
  });

  it('is another one where the reference scored less of it', () => {
    expect(compareReproduced(before, { ...before, reference: null }, 0)).toMatchObject({
      agreement: 'other',
      fault: 'the reference scored another part of the text',
    });
    const logprobs = (before.reference as { logprobs: readonly number[] }).logprobs;
    expect(compareReproduced(before, underReference(logprobs.slice(1)), 0).agreement).toBe('other');
  });
});
