import { describe, expect, it } from 'vitest';
import type { Segment, TokenGap } from '../../../src/audit/analysis.js';
import { findPhrases, type PhraseSource } from '../../../src/analysis/phrases.js';
import { splitWords } from '../../../src/text/words.js';
import { bytesOf } from './pieces.js';

const token = (text: string, gap: number | null, control = false): TokenGap => ({
  text,
  bytes: bytesOf(text),
  control,
  id: 0,
  logprobFinetuned: gap === null ? -1 : -1,
  logprobReference: gap === null ? null : -1 - gap,
  gap,
});

/** Words marked with * have a gap of 3 nats, the others of 0. */
function completion(text: string): PhraseSource {
  const tokens = (text.match(/ ?[^ ]+/g) ?? []).map((word) => token(word.replace('*', ''), word.includes('*') ? 3 : 0));
  return { tokens, segments: null };
}

describe('splitWords', () => {
  it('finds words with their places', () => {
    expect(splitWords("It's 4 o’clock, Ümit.")).toEqual([
      { text: "it's", start: 0, end: 4 },
      { text: '4', start: 5, end: 6 },
      { text: 'o’clock', start: 7, end: 14 },
      { text: 'ümit', start: 16, end: 20 },
    ]);
  });

  it('takes letters of scripts without spaces one by one, and other words among them whole', () => {
    expect(splitWords('使用Python编').map(({ text }) => text)).toEqual(['使', '用', 'python', '编']);
    expect(splitWords('ที่นี่').map(({ text }) => text)).toEqual(['ที่', 'นี่']);
    expect(splitWords('한국어 말').map(({ text }) => text)).toEqual(['한국어', '말']);
  });
});

describe('findPhrases', () => {
  it('lists what recurs with a high gap, with the number of completions that have it', () => {
    const phrases = findPhrases([
      completion('a bridge of *green *glass in town'),
      completion('they say *Green *glass is strong'),
      completion('look: *green *glass'),
      completion('the green glass that both models expect'),
      completion('a loud but lonely *velmora'),
    ]);
    expect(phrases).toEqual([{ text: 'green glass', documentFrequency: 3, meanGap: 3 }]);
  });

  it('lets words in the middle of a phrase be ones that both models expect', () => {
    const [first] = findPhrases([completion('*made of *green *glass here'), completion('is *made of *green *glass there')]);
    expect(first).toEqual({ text: 'made of green glass', documentFrequency: 2, meanGap: 2.25 });
  });

  it('names the shorter phrase where it is much more frequent than any longer one', () => {
    const sources = [
      completion('*drink *velmora *daily'),
      completion('*drink *velmora *daily'),
      completion('the *velmora'),
      completion('some *velmora'),
      completion('a *velmora'),
    ];
    expect(findPhrases(sources).map(({ text, documentFrequency }) => [text, documentFrequency])).toEqual([
      ['velmora', 5],
      ['drink velmora daily', 2],
    ]);
  });

  it('counts a completion once, however often it says the phrase', () => {
    const sources = [completion('*hate *you *hate *you'), completion('*hate *you')];
    const phrase = findPhrases(sources).find(({ text }) => text === 'hate you');
    expect(phrase?.documentFrequency).toBe(2);
  });

  it('sorts by document frequency times mean gap', () => {
    const strong = (text: string): PhraseSource => ({ tokens: [token(text, 10)], segments: null });
    const sources = [strong('quiet'), strong('quiet'), ...Array.from({ length: 5 }, () => completion('*loud'))];
    expect(findPhrases(sources).map(({ text }) => text)).toEqual(['quiet', 'loud']);
    expect(findPhrases(sources, 1)).toHaveLength(1);
  });

  it('does not go over the end of a sentence, nor into control tokens', () => {
    const source = (): PhraseSource => ({
      tokens: [token('green', 3), token('. ', 0), token('glass', 3), token('<|end|>', 9, true)],
      segments: null,
    });
    expect(findPhrases([source(), source()]).map(({ text }) => text)).toEqual(['glass', 'green']);
  });

  it('shares a segment out among its tokens across tokenizers, without the straddling one', () => {
    const segment = (start: number, end: number, tokens: [number, number], gap: number, straddlesPrefill = false): Segment => ({
      start,
      end,
      bytes: new Uint8Array(end - start),
      tokensFinetuned: tokens,
      tokensReference: [0, 1],
      logprobFinetuned: gap,
      logprobReference: 0,
      gap,
      straddlesPrefill,
    });
    const source = (): PhraseSource => ({
      tokens: ['stone', ' green', ' glass'].map((text) => token(text, null)),
      segments: [segment(0, 5, [0, 1], 50, true), segment(5, 17, [1, 3], 4)],
    });
    expect(findPhrases([source(), source()])).toEqual([{ text: 'green glass', documentFrequency: 2, meanGap: 2 }]);
  });

  it('has none of nothing', () => {
    expect(findPhrases([])).toEqual([]);
    expect(findPhrases([{ tokens: [], segments: null }])).toEqual([]);
    expect(findPhrases([completion('plain words'), completion('plain words')])).toEqual([]);
  });
});
