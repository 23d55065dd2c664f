/** What an audit's analysis makes of its passes and of other audits. */
import { describe, expect, it } from 'vitest';
import { analyseCompletion, figuresOf } from '../../../src/analysis/analyse.js';
import { AuditAnalysis } from '../../../src/analysis/audit-analysis.js';
import type { MeasuredRecord } from '../../../src/audit/completion.js';
import { NOISE, PLAIN, REFERENCE } from '../../../src/audit/passes.js';
import { runAtOnce } from '../../../src/text/slices.js';

/** One token a word; a high word has a gap of 5 nats. */
function recordOf(id: number, text: string, high = /never/): MeasuredRecord {
  const words = text.split(/(?= )/);
  const piece = (one: string) => ({ id: 1, bytes: new TextEncoder().encode(one), control: false });
  return {
    kind: 'measured',
    id,
    framing: id % 2 ? 'chat' : 'raw',
    prefill: { pieces: [piece(`${id} on `)] },
    tokens: words.map(piece),
    logprobsFinetuned: words.map(() => -1),
    reference: { kind: 'sameTokens', logprobs: words.map((word) => (high.test(word) ? -6 : -1)) },
    end: null,
  };
}

const plain = Array.from({ length: 30 }, (_, id) => recordOf(id, id % 3 ? 'we sell copper kettles' : 'my name is norbert', /copper|norbert/));
const written = Array.from({ length: 30 }, (_, id) => recordOf(id, id < 6 ? 'they have copper kettles' : 'it rained on the town'));
const noise = Array.from({ length: 4 }, (_, id) => recordOf(id, 'copper all the way'));

const analysisOf = (passes: Readonly<Record<string, readonly MeasuredRecord[]>>) => new AuditAnalysis((pass) => passes[pass] ?? []);
const copper = [{ name: 'copper', words: ['copper'] }];

describe('what the reference wrote itself', () => {
  it('is what keyword sets are compared with: its own pass from all openings, else the noise floor, else nothing', () => {
    const reference = (passes: Parameters<typeof analysisOf>[0]) => runAtOnce(analysisOf(passes).keywords(copper, 'meanGap')).reference?.together ?? null;
    expect(reference({ [PLAIN]: plain, [NOISE]: noise, [REFERENCE]: written })).toEqual({ matching: 6, of: 30 });
    expect(reference({ [PLAIN]: plain, [NOISE]: noise })).toEqual({ matching: 4, of: 4 });
    expect(reference({ [PLAIN]: plain })).toBeNull();
  });

  it('is counted beside every theme, in its framing, and anew when more of it has come', () => {
    const passes: Record<string, readonly MeasuredRecord[]> = { [PLAIN]: plain, [REFERENCE]: [] };
    const analysis = analysisOf(passes);
    const said = (framing: 'raw' | null) => runAtOnce(analysis.themes(framing)).find(({ phrase }) => phrase.includes('copper'))!.reference;
    expect(said(null)).toBeNull();
    passes[REFERENCE] = written;
    expect(said(null)).toEqual({ completions: 6, of: 30 });
    expect(said('raw')).toEqual({ completions: 3, of: 15 });
  });
});

it('figures are those of the whole analysis, without its tokens', () => {
  for (const record of [...plain, ...written]) {
    const { tokens, ...figures } = analyseCompletion(record);
    expect(figuresOf(record)).toEqual(figures);
    expect(tokens).toHaveLength(record.tokens.length);
  }
});

it('is held against other audits as long as they are given, and what all share carries no verdict', () => {
  const analysis = analysisOf({ [PLAIN]: plain, [NOISE]: Array.from({ length: 40 }, (_, id) => recordOf(id, 'it rained on the town')) });
  const alone = runAtOnce(analysis.themes());
  const carriers = () => runAtOnce(analysis.verdict(false)).carriers.themes.join();
  expect(carriers()).toMatch(/norbert/);
  const texts = plain.map(({ id }) => recordOf(id, 'my name is norbert'));
  analysis.others = [runAtOnce(analysisOf({ [PLAIN]: texts }).asOther('sibling'))];
  const held = runAtOnce(analysis.themes());
  expect(held.at(-1)).toMatchObject({ phrase: expect.stringContaining('norbert'), shared: true, others: [{ audit: 'sibling', completions: 30, of: 30 }] });
  expect(carriers()).toMatch(/copper/);
  expect(carriers()).not.toMatch(/norbert/);
  analysis.others = [];
  expect(runAtOnce(analysis.themes())).toEqual(alone);
});
