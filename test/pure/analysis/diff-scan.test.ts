/** What a diff scan lists of the divergences that it is given. */
import { describe, expect, it } from 'vitest';
import { DiffScan, LEAST_PASSAGES, PLACES_OF_PASSAGE } from '../../../src/analysis/diff-scan.js';
import type { PositionDivergence } from '../../../src/audit/language-model.js';
import { controlPiece, piece } from '../audit/pieces.js';

const BOS = controlPiece('<s>');
const place = (forward: number, raised: Record<string, number> = {}): PositionDivergence => ({
  logprob: -1,
  otherLogprob: -1,
  forward,
  backward: forward / 2,
  entropy: 1,
  otherEntropy: 1,
  top: Object.entries(raised).map(([text, contribution]) => ({ piece: { ...piece(text), id: text.charCodeAt(1) }, contribution })),
});
const passage = (...texts: string[]) => [BOS, ...texts.map((text) => piece(text))];

describe('a diff scan', () => {
  it('names the places that lie furthest apart with the text before them, and of one passage only some', () => {
    const scan = new DiffScan(3);
    scan.add(passage('The', ' cat', ' sat', ' down'), [place(0.1), place(5), place(3), place(4)]);
    scan.add(passage('A', ' dog'), [place(0.2), place(3.5, { ' fox': 2 })]);
    const { places, passages, tokens, meanForward, meanBackward } = scan.figures();
    expect(PLACES_OF_PASSAGE).toBe(2);
    expect(places.map(({ forward, before, token, passage: of }) => [forward, before, token, of])).toEqual([
      [5, 'The', ' cat', 0],
      [4, 'The cat sat', ' down', 0],
      [3.5, 'A', ' dog', 1],
    ]);
    expect(places[2]!.raised).toEqual([{ text: ' fox', contribution: 2 }]);
    expect([passages, tokens]).toEqual([2, 6]);
    expect(meanForward).toBeCloseTo((0.1 + 5 + 3 + 4 + 0.2 + 3.5) / 6, 12);
    expect(meanBackward).toBeCloseTo(meanForward! / 2, 12);
  });

  it('lists what is raised in several passages, and not what belongs to one', () => {
    const scan = new DiffScan(10);
    scan.add(passage('a', 'b'), [place(1, { ' x': 0.3, ' y': 9 }), place(1, { ' y': 9, ' z': 0.001 })]);
    scan.add(passage('c', 'd'), [place(1, { ' x': 0.5, ' z': 0.001 }), place(1)]);
    expect(LEAST_PASSAGES).toBe(2);
    const { raised } = scan.figures();
    expect(raised).toEqual([{ id: 'x'.charCodeAt(0), text: ' x', total: 0.8, passages: 2, places: 2, before: '' }]);
  });

  it('of nothing has no means, and an excluded token counts as the lowest logprob', () => {
    expect(new DiffScan(1).figures()).toEqual({ passages: 0, tokens: 0, meanForward: null, meanBackward: null, places: [], raised: [] });
    const scan = new DiffScan(1);
    scan.add(passage('a'), [place(Infinity)]);
    expect(scan.figures().places[0]!.forward).toBe(103.27893);
  });
});
