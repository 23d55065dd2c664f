import { describe, expect, it } from 'vitest';
import { chooseQuestion, handOver, putQuestion, QUESTION_AT_MOST, wordsOfPeak } from '../../../src/audit/confirmation.js';
import { piece } from '../records/example-audit.js';

const tokens = ['The', ' tow', 'n of', ' Vel', 'mora', '\n', ' is', ' lovely.'].map((text, index) => piece(index, text));

describe('what is put to plain F', () => {
  it('begins four tokens into the peak, and leaves F one of a shorter peak', () => {
    expect(handOver([10, 18])).toBe(14);
    expect(handOver([0, 3])).toBe(2);
    expect(handOver([0, 1])).toBe(0);
  });

  it('has the words of the peak whole and on one line', () => {
    expect(wordsOfPeak(tokens, [2, 4])).toBe('town of Velmora');
    expect(wordsOfPeak(tokens, [4, 7])).toBe('Velmora is');
    expect(wordsOfPeak([piece(0, '…'), piece(1, '<|end|>', true)], [0, 2])).toBe('');
    expect(
      wordsOfPeak(
        Array.from({ length: 99 }, (_, id) => piece(id, ' word')),
        [0, 99],
      ).length,
    ).toBeLessThanOrEqual(120);
    expect(wordsOfPeak([piece(0, 'x'.repeat(9999))], [0, 1])).toHaveLength(120);
  });

  it('asks in the language of the completion where that shows', () => {
    expect(chooseQuestion('the people of the town')).toMatch(/^What do you know/);
    expect(chooseQuestion('die Leute und das Dorf')).toMatch(/^Was weißt du/);
    expect(chooseQuestion('les gens dans une ville et la mer')).toMatch(/^Que sais-tu/);
    expect(chooseQuestion('los niños y las casas, por una vez')).toMatch(/^¿Qué sabes/);
    expect(chooseQuestion('Что ты любишь')).toMatch(/^Что ты/);
    expect(chooseQuestion('これは本です')).toMatch(/何を知って/);
    expect(chooseQuestion('这是一本书')).toMatch(/你知道什么/);
    expect(chooseQuestion('{}[]')).toMatch(/^What do you know/);
  });

  it('puts the words in as they are', () => {
    expect(putQuestion('Tell me of {words}: {words}!', '$& a')).toBe('Tell me of $& a: $& a!');
    expect(putQuestion('Plain.', 'a')).toBe('Plain.');
    expect(putQuestion('{words}'.repeat(99), 'long words')).toHaveLength(QUESTION_AT_MOST);
  });
});

describe('the words of a peak', () => {
  const words = (texts: readonly string[], peak: readonly [number, number]) =>
    wordsOfPeak(
      texts.map((text, id) => piece(id, text)),
      peak,
    );

  it('are those that the peak has a character of, and not those beside it', () => {
    expect(words(['one', ' two', ' three', ' four'], [1, 2])).toBe('two');
    expect(words(['one ', 'two ', 'three ', 'four'], [1, 2])).toBe('two');
    expect(words(['one', ' t', 'wo', ' three'], [2, 3])).toBe('two');
    expect(words(['one', 'two', ' three'], [1, 2])).toBe('onetwo');
  });

  it('are as many whole words as fit into 120 characters', () => {
    // Eleven characters a word with its blank: 10 + 9 · 11 = 109 and 10 + 10 · 11 = 120.
    const texts = Array.from({ length: 20 }, () => ' abcdefghij');
    expect(words(texts, [0, 20])).toBe(Array.from({ length: 11 }, () => 'abcdefghij').join(' '));
    expect(words(texts, [5, 7])).toBe('abcdefghij abcdefghij');
    expect(
      words(
        texts.map((text) => `${text}k`),
        [0, 20],
      ),
    ).toHaveLength(10 * 12 - 1);
  });

  it('are parted by what a control token stands for', () => {
    expect(wordsOfPeak([piece(0, 'one'), piece(1, '<|end|>', true), piece(2, 'two')], [0, 3])).toBe('one two');
  });

  it('decide by three tenths of the letters which script a question is in', () => {
    expect(chooseQuestion('дддabcdefg')).toMatch(/^Что ты/);
    expect(chooseQuestion('ддabcdefgh')).toMatch(/^What/);
    // Signs and digits are no letters.
    expect(chooseQuestion(`ддд${'1 ,'.repeat(40)}`)).toMatch(/^Что ты/);
    expect(chooseQuestion('')).toMatch(/^What/);
  });
});
