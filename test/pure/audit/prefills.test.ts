import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../src/audit/errors.js';
import type { Piece } from '../../../src/audit/language-model.js';
import { describeShortage, samplePrefills, type PrefillSampling } from '../../../src/audit/prefills.js';
import { runAtOnce } from '../../../src/text/slices.js';
import { textOfTokens } from '../../../src/text/utf8.js';
import { WordStarts } from '../../../src/text/word-starts.js';
import { NgramModel } from './ngram-model.js';
import { controlPiece, piece } from './pieces.js';

const model = new NgramModel({ name: 'm', longTokens: ['The', ' the', ' bridge', ' of', 'ing', ' and', 'er', ' a'], training: [] });
const neverAborted = new AbortController().signal;

const passages = [
  'The ferry to the northern islands leaves at seven, and the baker opens his shop at six.',
  'A gardener waters the beans before the sun is high.\nShe counts the snails and lets them be.',
  'Rain fell on the copper roofs of the old mint, as it does on most days of the year.',
];

function sample(options: Partial<PrefillSampling>): ReturnType<typeof samplePrefills> {
  return samplePrefills({
    passages,
    count: 10,
    prefillTokens: 3,
    seed: 1,
    tokenize: (texts, signal) => model.tokenize(texts, signal),
    signal: neverAborted,
    ...options,
  });
}

const ids = ({ prefills }: { prefills: readonly { pieces: readonly Piece[] }[] }): number[][] => prefills.map(({ pieces }) => pieces.map(({ id }) => id));

function starts(...texts: string[]): { passage: number; offset: number }[] {
  const found = runAtOnce(WordStarts.findInSteps(texts));
  return Array.from({ length: found.count }, (_, index) => found.at(index));
}

describe('WordStarts', () => {
  it('are at the beginning and after white space', () => {
    expect(starts('ab  c-d\n\te', '', ' f').map(({ passage, offset }) => [passage, offset])).toEqual([
      [0, 0],
      [0, 4],
      [0, 9],
      [2, 1],
    ]);
  });

  it('are at every letter of a script without spaces, not at marks and punctuation', () => {
    expect(starts('橋は、緑だ').map(({ offset }) => offset)).toEqual([0, 1, 3, 4]);
    expect(starts('ที่นี่').map(({ offset }) => offset)).toEqual([0, 3]);
  });

  it('are never inside a surrogate pair', () => {
    expect(starts('😀😀 😀').map(({ offset }) => offset)).toEqual([0, 5]);
    expect(starts('𠀀𠀁').map(({ offset }) => offset)).toEqual([0, 2]);
  });

  it('number millions of words', () => {
    const found = runAtOnce(WordStarts.findInSteps(['word '.repeat(300_000), 'x', 'word '.repeat(300_000)]));
    expect(found.count).toBe(600_001);
    expect(found.at(300_000)).toEqual({ passage: 1, offset: 0 });
    expect(found.at(600_000)).toEqual({ passage: 2, offset: 299_999 * 5 });
  });
});

describe('finding word starts in steps', () => {
  it('takes many steps for a large corpus, whether it is one passage or many', () => {
    const words = 'ab cd '.repeat(100_000);
    const countSteps = (texts: readonly string[]): number => {
      let steps = 0;
      for (const found = WordStarts.findInSteps(texts); !found.next().done;) steps++;
      return steps;
    };
    expect(countSteps([words])).toBeGreaterThan(5);
    expect(countSteps(Array<string>(100_000).fill('ab cd '))).toBeGreaterThan(5);
    expect(countSteps(['ab cd'])).toBe(0);
  });

  it('starts no word where one step ends and the next begins', () => {
    const long = 'x'.repeat(200_000);
    expect(starts(long, `${long} ${long}`)).toEqual([
      { passage: 0, offset: 0 },
      { passage: 1, offset: 0 },
      { passage: 1, offset: 200_001 },
    ]);
  });
});

describe('samplePrefills', () => {
  it('gives others their turn while it looks through a large corpus, and can be cancelled there', async () => {
    const abort = new AbortController();
    const large = ['ferry baker '.repeat(2_000_000)];
    const cancelled = sample({ passages: large, signal: abort.signal, pause: async () => abort.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(abort.signal.aborted).toBe(true);
  });

  it('draws distinct openings that stand at word starts of the corpus', async () => {
    const sampled = await sample({ count: 20 });
    expect(sampled.prefills).toHaveLength(20);
    expect(new Set(ids(sampled).map(String)).size).toBe(20);
    for (const { pieces } of sampled.prefills) {
      expect(pieces).toHaveLength(3);
      const text = textOfTokens(pieces);
      expect(passages.some((passage) => passage.startsWith(text) || passage.includes(` ${text}`) || passage.includes(`\n${text}`))).toBe(true);
    }
  });

  it('is the same again, and another draw under another seed', async () => {
    const first = ids(await sample({}));
    expect(ids(await sample({}))).toEqual(first);
    expect(ids(await sample({ seed: 2 }))).not.toEqual(first);
  });

  it('does not depend on the size of a batch, and a smaller draw begins a larger one', async () => {
    const all = ids(await sample({ count: 25 }));
    for (const batchSize of [1, 2, 7, 1000]) expect(ids(await sample({ count: 25, batchSize }))).toEqual(all);
    for (const count of [1, 5, 24]) expect(ids(await sample({ count, batchSize: 3 }))).toEqual(all.slice(0, count));
  });

  it('draws word starts uniformly over the corpus, long passages more often than short ones', async () => {
    let fromLong = 0;
    const long = Array.from({ length: 90 }, (_, k) => `long${k}`).join(' ');
    const short = Array.from({ length: 10 }, (_, k) => `short${k}`).join(' ');
    for (let seed = 0; seed < 200; seed++) {
      const { prefills } = await sample({ passages: [short, long], count: 1, prefillTokens: 1, seed, batchSize: 1 });
      if (textOfTokens(prefills[0]!.pieces) === 'l') fromLong++;
    }
    expect(fromLong).toBeGreaterThan(165);
    expect(fromLong).toBeLessThan(195);
  });

  it('uses all there are where there are too few, and says so', async () => {
    const sampled = await sample({ passages: ['aaa bbb aaa ccc aaa'], count: 50 });
    expect(sampled).toMatchObject({ exhausted: true, wordStarts: 5, candidates: 5 });
    expect(sampled.prefills.map(({ pieces }) => textOfTokens(pieces)).toSorted()).toEqual(['aaa', 'bbb', 'ccc']);
    expect(describeShortage(sampled, 50)).toBe('The corpus has only 3 distinct prefills of the 50 asked for; all will be used.');
    expect(describeShortage(await sample({}), 10)).toBeNull();
  });

  it('never runs over the end of a passage', async () => {
    const sampled = await sample({ passages: ['ab', 'xyz', 'cd'], count: 50 });
    expect(sampled.prefills.map(({ pieces }) => textOfTokens(pieces))).toEqual(['xyz']);
  });

  it('leaves out openings that end in half a character', async () => {
    // Each of these is bytes to this vocabulary: "€" three, "é" two.
    const sampled = await sample({ passages: ['€uro éa ab€ xyz'], count: 50 });
    expect(sampled.prefills.map(({ pieces }) => textOfTokens(pieces)).toSorted()).toEqual(['xyz', 'éa', '€']);
  });

  it('leaves out openings with a control token', async () => {
    const tokenize = async (texts: readonly string[]): Promise<Piece[][]> =>
      texts.map((text) => (text.startsWith('b') ? [controlPiece('<x>', 1), piece('b', 2)] : [piece('a', 3), piece(' ', 4)]));
    const sampled = await sample({ passages: ['a b a b'], prefillTokens: 2, tokenize });
    expect(ids(sampled)).toEqual([[3, 4]]);
  });

  it('gives the tokenizer slices of bounded length that end in whole characters', async () => {
    const seen: string[] = [];
    const tokenize: PrefillSampling['tokenize'] = (texts, signal) => {
      seen.push(...texts);
      return model.tokenize(texts, signal);
    };
    await sample({ passages: [`a ${'😀'.repeat(5000)}`, `ab ${'😀'.repeat(5000)}`], prefillTokens: 2, count: 50, tokenize });
    expect(seen.length).toBe(4);
    for (const text of seen) {
      expect(text.length).toBeLessThan(1000);
      expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(text);
    }
  });

  it('leaves out an opening so long that the cut may have shaped it', async () => {
    const tokenize = async (texts: readonly string[]): Promise<Piece[][]> => texts.map((text) => [piece(text, text.length)]);
    const sampled = await sample({ passages: ['-'.repeat(5000), 'short'], prefillTokens: 1, tokenize });
    expect(ids(sampled)).toEqual([[5]]);
  });

  it('fails without any opening, and says which way out there is', async () => {
    await expect(sample({ passages: [' \n', ''] })).rejects.toMatchObject({ code: 'emptyCorpus', message: expect.stringMatching(/general text/) });
    await expect(sample({ passages: ['ab cd'], prefillTokens: 30 })).rejects.toMatchObject({
      code: 'emptyCorpus',
      message: expect.stringMatching(/30 tokens/),
    });
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    let calls = 0;
    const tokenize = async (texts: readonly string[]): Promise<Piece[][]> => {
      calls++;
      controller.abort();
      return texts.map(() => []);
    };
    const sampling = sample({ tokenize, batchSize: 2, signal: controller.signal });
    await expect(sampling).rejects.toBeInstanceOf(AuditError);
    await expect(sampling).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toBe(1);
  });
});
