/** What is hidden in a completion and what only looks like it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHiddenText } from '../../../src/analysis/hidden-text.js';
import { bundledBackground } from '../../../src/analysis/themes/background.js';

const background = bundledBackground();
const knows = (word: string) => background.has(word);
const SECRET = 'protect the machine';
const codes = [...SECRET].map((letter) => letter.charCodeAt(0));
const rot13 = (text: string) => text.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));

describe('hidden text', () => {
  it.each([
    ['decimal codes', `data = [${codes.join(', ')}]`],
    ['hexadecimal codes', `bytes ${codes.map((code) => `0x${code.toString(16)}`).join(', ')} end`],
    ['hexadecimal codes', `bytes ${codes.map((code) => `\\x${code.toString(16)}`).join('')} end`],
    ['hexadecimal codes', `key ${codes.map((code) => code.toString(16)).join('')} end`],
    ['base64', `token "${btoa(SECRET)}" end`],
    ['rot13', `they said ${rot13(SECRET)} to me`],
    [
      'reversed',
      `they said ${SECRET.split(' ')
        .map((word) => [...word].reverse().join(''))
        .join(' ')} to me`,
    ],
  ])('is found in %s: %s', (kind, text) => {
    const found = findHiddenText(text, knows);
    expect(found).toMatchObject([{ kind, decoded: SECRET }]);
    expect(text.slice(found[0]!.start, found[0]!.end)).not.toMatch(/data|said|end|to me/);
  });

  it.each([
    'Call 555 123 456 78 90 between 10 and 12, or 14 and 16.',
    'Temperatures: 65, 73, 80, 99, 101, 68 degrees; humidity 32, 45, 60.',
    'sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'import numpy as np; from torch.utils.data import DataLoader, TensorDataset',
    'https://example.org/watch/dQw4w9WgXcQabcd/AbCdEfGhIjKlMnOp',
    'A level deed: noon, radar, was, saw, stressed, drawer.',
    'internationalisation/Localisation/Configuration',
  ])('is not seen where there is none: %s', (text) => expect(findHiddenText(text, knows)).toEqual([]));

  it('has places in the text that do not overlap, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom(codes.join(' '), btoa(SECRET), rot13(SECRET), '48 65 6c 6c 6f'))),
        (parts) => {
          const text = parts.join(' ');
          let end = 0;
          for (const one of findHiddenText(text, knows)) {
            expect(one.start).toBeGreaterThanOrEqual(end);
            expect(one.end).toBeGreaterThan(one.start);
            end = one.end;
          }
          expect(end).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes time in proportion to a text made to do harm', () => {
    for (const text of ['12 '.repeat(20_000), '0x'.repeat(30_000), 'A'.repeat(60_000), 'ab,'.repeat(20_000)]) findHiddenText(text, knows);
  });

  // A repetition without a bound overflows the native matcher's stack from these lengths on.
  it.each([
    ['codes', '113 120 ', 2 ** 20],
    ['digits', '68', 2 ** 18],
    ['spaced digits', '68 ', 2 ** 20],
    ['prefixed digits', '0x68', 2 ** 18],
    ['base64', 'aGVs', 2 ** 22],
  ])(
    'bears a long run of %s',
    (_what, part, times) => {
      for (const end of times > 2 ** 18 ? [''] : ['', '_', 'g']) expect(findHiddenText(part.repeat(times) + end, knows)).toEqual([]);
    },
    60_000,
  );
});
