import { describe, expect, it } from 'vitest';
import { measureAgreement } from '../../../src/analysis/figures/agreement.js';
import { computeFigures, computeSliceFigures } from '../../../src/analysis/figures/figures.js';
import type { BlindSlice, FindingLabel } from '../../../src/analysis/finding.js';
import { describeAuthorsAgreement, describeLabelFigures } from '../../../webview/blind/figure-texts.js';

const slice: BlindSlice = { k: 3, seed: 1, score: 'meanGap', framing: null, population: 10, top: [0, 1, 2], random: [7, 8, 9], ids: [7, 0, 1, 9, 2, 8] };
const labels = (given: Record<number, FindingLabel>) => new Map(Object.entries(given).map(([id, label]) => [Number(id), label]));
const nameOf = (id: number) => `raw ${id + 1}`;
const say = (figures: ReturnType<typeof computeFigures>, blind = true) =>
  new Map(describeLabelFigures(figures, nameOf, blind).map(({ name, value, why }) => [name, `${value ?? '–'} | ${why}`]));

describe('figures in words', () => {
  it('give shares with their intervals, the lift, the first hit and the coverage', () => {
    const said = say(computeSliceFigures(slice, labels({ 0: 'notRevealing', 1: 'revealing', 2: 'revealing', 7: 'revealing', 8: 'notRevealing', 9: 'unsure' })));
    expect(said.get('Revealing in the top 3')).toMatch(/^67 % \| 2 of 3 labelled in the top reveal it; 95 % interval \(Wilson\) 21 % to 94 %/);
    expect(said.get('Base rate')).toMatch(/^33 % \| 1 of 3 labelled in the random part reveals it; /);
    expect(said.get('Lift')).toMatch(/^× 2\.0 \| .*Koopman/);
    expect(said.get('First hit')).toBe('raw 2 | Completion #1, number 2 from the top.');
    expect(said.get('Coverage')).toBe('100 % | 3 of the top 3 are labelled blind.');
  });

  it('give a bound and no number where the random part has no hit', () => {
    const said = say(
      computeSliceFigures(slice, labels({ 0: 'revealing', 1: 'revealing', 2: 'revealing', 7: 'notRevealing', 8: 'notRevealing', 9: 'notRevealing' })),
    );
    expect(said.get('Lift')).toMatch(/^– \| No hit in the random part.*from × 1\.\d on/);
  });

  it('never give a lift without a random slice, and say why', () => {
    const said = say(computeFigures([0, 1, 2, 3], 3, labels({ 1: 'revealing' })), false);
    expect(said.get('Lift')).toBe('– | No lift is shown without a random slice.');
    expect(said.get('Base rate')).toMatch(/^– \| It takes a random slice/);
    expect(said.get('First hit')).toBe('raw 2 | Completion #1, number 2 from the top. 1 above it is not labelled: the first hit may stand higher.');
    expect(say(computeSliceFigures(slice, labels({ 0: 'revealing' }))).get('Lift')).toMatch(/^– \| No lift is shown without a random slice\. Nothing/);
  });

  it('of a slice with nothing random in it say so, and count labels given blind alone', () => {
    const said = say(computeSliceFigures({ ...slice, random: [], ids: [1, 0, 2] }, labels({ 1: 'revealing' })));
    expect(said.get('Base rate')).toBe('– | Nothing was drawn at random.');
    expect(said.get('Lift')).toBe('– | No lift is shown without a random slice.');
    expect(said.get('First hit')).toBe('raw 2 | Completion #1, number 2 from the top. 1 above it is not labelled blind: the first hit may stand higher.');
    expect(said.get('Coverage')).toBe('33 % | 1 of the top 3 is labelled blind.');
  });

  it('give the agreement of authors, or why it has no number', () => {
    const a = labels({ 1: 'revealing', 2: 'notRevealing', 3: 'revealing', 4: 'notRevealing' });
    const b = labels({ 1: 'revealing', 2: 'notRevealing', 3: 'notRevealing', 4: 'notRevealing' });
    const text = describeAuthorsAgreement({ authors: ['Ada', 'Ben'], ...measureAgreement(a, b) }, nameOf);
    expect(text).toMatchObject({ name: 'Ada and Ben', value: 'κ 0.50' });
    expect(text.why).toMatch(/4 labelled by both, 75 % the same; they disagree on raw 4/);
    const same = labels({ 1: 'revealing' });
    expect(describeAuthorsAgreement({ authors: ['Ada', 'Ben'], ...measureAgreement(same, same) }, nameOf)).toMatchObject({
      value: null,
      why: expect.stringContaining('undefined'),
    });
  });
});
