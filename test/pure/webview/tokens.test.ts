import { describe, expect, it } from 'vitest';
import { groupTokens, isExcluded, shadedGaps, tokenLabel, tokenOffsets } from '../../../webview/detail/token-reading.js';
import { SNIPPET_LENGTH, snippetStart, stretchesOf } from '../../../webview/list/snippet.js';
import { detail, segment, token } from './samples.js';

describe('tokens', () => {
  it('are shaded by their own gap with one tokenizer', () => {
    expect(shadedGaps(detail(0, [token(' a', 1.5), token(' b', -0.5)]))).toEqual([1.5, -0.5]);
  });

  it('share their segment’s gap across tokenizers; a straddling segment has none', () => {
    const both = detail(0, [token('x', null, { segment: 0 }), token(' a', null, { segment: 1 }), token('b', null, { segment: 1 })], {
      segments: [segment({ gap: 4, straddlesPrefill: true }), segment({ gap: 3, tokensFinetuned: 2 })],
    });
    expect(shadedGaps(both)).toEqual([null, 1.5, 1.5]);
    expect(both.tokens.map((t) => isExcluded(both, t))).toEqual([true, false, false]);
    expect(tokenLabel(both, both.tokens[0]!)).toBe('x, segment of 1 token, in no score');
    expect(tokenLabel(both, both.tokens[1]!)).toBe('a, segment of 2 tokens, gap plus 1.50 nats per token');
  });

  it('stand in their segments; what has none stands by itself', () => {
    const tokens = [token('a', null, { segment: 0 }), token('b', null, { segment: 0 }), token('c', null, { segment: 1 }), token('d', null), token('e', null)];
    expect(groupTokens(detail(0, tokens))).toEqual([
      { segment: 0, from: 0, to: 2 },
      { segment: 1, from: 2, to: 3 },
      { segment: null, from: 3, to: 4 },
      { segment: null, from: 4, to: 5 },
    ]);
    expect(groupTokens(detail(0, []))).toEqual([]);
  });

  it('say sign and number, and name what cannot be read', () => {
    const tokens = [token(' hot', 2.345), token('\u202e', -1), token('', 0.5, { bytesHex: 'f09f' }), token(' ', null)];
    const labels = tokens.map((t) => tokenLabel(detail(0, tokens), t));
    expect(labels).toEqual(['hot, gap plus 2.35 nats', '⟦U+202E⟧, gap minus 1.00 nats', 'bytes F0 9F, gap plus 0.50 nats', 'blank, no gap']);
  });

  it('have offsets into the completion', () => {
    expect(tokenOffsets(detail(0, [token(' a', 0), token('', 0), token('😀', 0), token('b', 0)]))).toEqual([0, 2, 2, 4]);
  });
});

describe('a row’s snippet', () => {
  const text = Array.from({ length: 300 }, (_, i) => `word${i}`).join(' ');

  it('begins at the start unless its point is out of sight', () => {
    expect(snippetStart(text, null, 0, 'comfortable')).toBe(0);
    expect(snippetStart(text, [20, 30], 10, 'comfortable')).toBe(0);
    const at = text.indexOf('word200');
    const start = snippetStart(text, [at, at + 7], 10, 'comfortable');
    expect(start).toBeGreaterThan(at - 80);
    expect(start).toBeLessThanOrEqual(at);
    expect(text[start - 1]).toBe(' ');
    // What is in the middle of the text, and what is at its end, stands where a narrow row shows it.
    for (const word of ['word15', 'word40', 'word298', 'word299']) {
      const [from, to] = [text.indexOf(word), text.indexOf(word) + word.length];
      expect(to - snippetStart(text, [from, to], 10, 'comfortable'), word).toBeLessThanOrEqual(80);
      expect(to - snippetStart(text, [from, to], 10, 'compact'), word).toBeLessThanOrEqual(30);
      expect(snippetStart(text, [from, to], 10, 'comfortable')).toBeLessThanOrEqual(from);
    }
  });

  it('never begins within a character', () => {
    const emoji = '😀'.repeat(400);
    const start = snippetStart(emoji, [601, 603], 0, 'comfortable');
    expect(emoji.codePointAt(start)).toBe(0x1f600);
  });

  it('joins unshaded neighbours and keeps shaded tokens apart', () => {
    const tokens = [' a', ' b', ' c', ' d', ' e'].map((t) => ({ text: t }));
    expect(stretchesOf(tokens, [0, 0, 5, 5, 0], 0)).toEqual([
      { text: ' a b', start: 0, level: 0 },
      { text: ' c', start: 4, level: 5 },
      { text: ' d', start: 6, level: 5 },
      { text: ' e', start: 8, level: 0 },
    ]);
    expect(stretchesOf(tokens, [0, 0, 5, 5, 0], 5)[0]).toEqual({ text: 'c', start: 5, level: 5 });
  });

  it('tells where a dialogue’s answer begins, between two tokens without a shade, too', () => {
    const tokens = ['Why', '?', 'Because'].map((text) => ({ text }));
    expect(stretchesOf(tokens, [0, 0, 0], 0, 2)).toEqual([
      { text: 'Why?', start: 0, level: 0 },
      { text: 'Because', start: 4, level: 0, opensAnswer: true },
    ]);
    expect(stretchesOf(tokens, [0, 0, 0], 4, 2)).toEqual([{ text: 'Because', start: 4, level: 0, opensAnswer: true }]);
  });

  it('renders no more than a row can show', () => {
    const tokens = Array.from({ length: 5000 }, () => ({ text: ' x' }));
    const shown = stretchesOf(
      tokens,
      tokens.map(() => 3),
      0,
    );
    expect(shown.length).toBeLessThanOrEqual(SNIPPET_LENGTH / 2 + 1);
  });
});
